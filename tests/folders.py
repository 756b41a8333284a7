"""Logs to run on, a job of a scripted crew, and what a run folder holds."""

import asyncio
import json
from dataclasses import replace

from crews import Cast

from agenther import __version__
from agenther.assemble import assemble
from agenther.jobs.job import Job
from agenther.jobs.loop import run
from agenther.settings import Settings
from agenther.store.journal import MadeWith


def a_log(number=1, **changes):
    """One run as a line of AgentHER's own format; the built-in rules find goals in it."""
    steps = [
        {"action_name": "search", "action_input": {"q": f"lamp {number}"}, "observation": f'{{"id": "L-{number}7"}}'},
        {
            "action_name": "open",
            "action_input": {"id": f"L-{number}7"},
            "observation": f'{{"name": "Orbit {number}", "price": "$12.99"}}',
        },
    ]
    record = {"trajectory_id": f"t{number}", "original_prompt": f"Find lamp {number} under $5.", "steps": steps}
    return {**record, "final_answer": "There is none.", "failure_reason": "No lamp under $5.", **changes}


def write_logs(folder, numbers, name="runs.jsonl", **changes):
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(a_log(number, **changes)) + "\n" for number in numbers]
    (folder / name).write_text("".join(lines), "utf-8")
    return folder


def a_job(cast=None, **settings):
    chosen = Settings(**settings)
    made = MadeWith(agenther=__version__, settings=chosen)
    crew = (cast or Cast()).crew
    return Job(made, crew, close, processes=1)


def by_rules(processes=1):
    return replace(assemble(Settings()), processes=processes)


async def close():
    await asyncio.sleep(0)


def done(logs, out, job=None):
    """Runs on a folder, or on several."""
    return run(logs if isinstance(logs, tuple) else (logs,), out, job or a_job(), lambda _progress: None)


def content(folder):
    """Everything in a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
