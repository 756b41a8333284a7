"""Loads datasets and writes down what came: `python loader.py JOBS.json`, with any version of `datasets`.

A job is {"args": [...], "kwargs": {...}, "to": "FILE"}; the file gets a line for each row, [split, row].
"""

import json
import sys
from pathlib import Path

import datasets

datasets.disable_progress_bars()
for job in json.loads(Path(sys.argv[1]).read_text()):
    loaded = datasets.load_dataset(*job["args"], **job["kwargs"])
    with Path(job["to"]).open("w") as file:
        file.writelines(json.dumps([split, row]) + "\n" for split, rows in loaded.items() for row in rows)
sys.stdout.write(datasets.__version__)
