"""What each arm of downstream.py learns from: logs of scripted agents, and what agenther makes of them."""

import fcntl
import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import mean

import jsonlines
from downstream_controls import asked, fullest
from toolworld import agents, logs
from toolworld.tasks import tasks
from toolworld_reader import Reader, Step, answering, goals, slipped

from agenther import Choices, Means, Settings, package, run

TASKS = 480
AGENTS = ("novice", "steady")
SLIPS = ERRS = 0.1


@dataclass(frozen=True)
class Data:
    """The logs and run folders of one seed; made once, and then read."""

    folder: Path
    seed: int

    @property
    def home(self):
        return self.folder / f"seed-{self.seed}"

    def rows(self, arm, share=1.0, noise=0.0):
        """Messages of each row, in an order of their own; a weight of 0 on those without loss."""
        count = round(share * len(self.successes))
        kept = Random(f"{self.seed} {share}").sample(self.successes, min(count, len(self.successes)))
        kept += self._others(count - len(kept))
        more = ARMS[arm].more(self)
        dice = Random(f"{self.seed} noise")
        noisy = {*dice.sample(range(len(more)), round(noise * len(more)))}
        return [*kept, *(spoilt(row, dice) if n in noisy else row for n, row in enumerate(more))]

    def pairs(self):
        """The file of agenther's pairs."""
        return self.run(1, None) / "dataset" / "dpo" / "train.jsonl"

    @cached_property
    def failed(self):
        """The log of each failed run, by file and line."""
        return {
            (path.name, n): line
            for path in sorted(self.logs().iterdir())
            for n, line in enumerate(_lines(path), 1)
            if not line["success"]
        }

    @cached_property
    def successes(self):
        """Rows of runs that met their goal."""
        return [_chat(row) for row in self._packed(1, None) if row["kind"] == "success"]

    def _others(self, count):
        """Runs of the same agents that met their goal, at other tasks of the same templates."""
        given = [*tasks(4 * count, self.seed + 1000)]
        ran = (agents.runs(given, agents.STRENGTHS[name]) for name in AGENTS)
        met = (one.messages for pair in zip(*ran, strict=True) for one, failure in pair if failure is None)
        return [*islice(met, count)]

    def logs(self):
        return self._once("logs", self._played)

    def run(self, judges, most):
        """The run folder with so many judges, and so many goals a run at most."""
        self.logs()  # before the lock is taken
        return self._once(f"run-{judges}-{most or 'all'}", partial(self._read, judges, most))

    def _once(self, name, make):
        """What is made in a folder of that name where it is not there, by one process alone."""
        path = self.home / name
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                half = path.with_name(f"{name}.part")
                shutil.rmtree(half, ignore_errors=True)
                make(half)
                half.rename(path)
        return path

    def _played(self, path):
        path.mkdir()
        given = [*tasks(TASKS, self.seed)]
        for name in AGENTS:
            logs.write(path / f"{name}.jsonl", [one for one, _ in agents.runs(given, agents.STRENGTHS[name])])

    def _read(self, judges, most, path):
        with ExitStack() as stack:
            urls = [stack.enter_context(answering(Reader(f"{self.seed} {n}", SLIPS, ERRS))) for n in range(judges + 1)]
            settings = Settings(
                model="reader",
                base_url=urls[0],
                joined=True,
                judges=tuple(f"judge@{url}" for url in urls[1:]),
                goals=most,
                attribute="rules",
                keep_goal=True,
            )
            run(self.home / "logs", path, settings, Means(cache=str(self.home / "answers.sqlite")))
        package(path, ("swift", "dpo"), Choices(with_successes=True))

    def _packed(self, judges, most):
        return _lines(self.run(judges, most) / "dataset" / "swift" / "train.jsonl")

    def hindsight(self, judges, most, *, whole=False, some=list):
        """Rows of failed runs under goals that agenther found: as it writes them, or each goal before the whole run."""
        samples = {one["id"]: one for one in _lines(self.run(judges, most) / "samples.jsonl")}
        rows = {row["id"]: row for row in self._packed(judges, most) if row["kind"] != "success"}
        kept = {one["id"] for one in some([samples[name] for name in rows])}
        if not whole:
            return [_chat(row) for name, row in rows.items() if name in kept]
        ran = {name: self.failed[_log(samples[name])]["messages"] for name in rows if name in kept}
        return [_asked(samples[name]["goal"], messages) for name, messages in ran.items()]

    def wrong(self, judges):
        """The share of samples, several a run, whose goal the run does not demonstrate."""
        samples = _lines(self.run(judges, None) / "samples.jsonl")
        return mean(one["goal"] not in _demonstrated(self.failed[_log(one)]["messages"]) for one in samples)

    def kept_goals(self):
        """Rows of failed runs under the goal that they missed."""
        return [*map(_chat, _lines(self.run(1, None) / "dataset" / "kept-goal" / "swift" / "train.jsonl"))]

    def as_they_are(self):
        return [log["messages"] for log in self.failed.values()]

    def at_random(self):
        """Each failed run under a goal that was found in another one."""
        dice = Random(f"{self.seed} random")
        found = defaultdict(list)
        for sample in _lines(self.run(1, None) / "samples.jsonl"):
            found[_log(sample)].append(sample["goal"])
        rows = []
        for key, log in self.failed.items():
            others = [other for other in found if other != key]
            rows.append(_asked(dice.choice(found[dice.choice(others)]), log["messages"]))
        return rows


def spoilt(row, dice):
    """The row under its goal with one thing in it changed."""
    return _asked(slipped(row[0]["content"], dice), row)


def _asked(goal, messages):
    return [{"role": "user", "content": goal}, *messages[1:]]


def _learned(row):
    return [{key: value for key, value in message.items() if key != "weight"} for message in row]


def _demonstrated(messages):
    told = [json.loads(one["content"]) for one in messages if one["role"] == "tool"]
    calls = [call["function"] for one in messages for call in one.get("tool_calls", ())]
    steps = [
        Step(n, call["name"], json.loads(call["arguments"]), seen)
        for n, (call, seen) in enumerate(zip(calls, told, strict=True), 1)
    ]
    return {made.text for made in goals(steps)}


def _log(sample):
    return sample["source"]["path"], sample["source"]["line"]


def _chat(row):
    """A row for ms-swift as chat messages, with a weight of 0 where it has no loss."""
    return [*map(_message, row["messages"])]


def _message(one):
    weight = {} if one.get("loss", True) else {"weight": 0}
    match one["role"]:
        case "tool_call":
            call = json.loads(one["content"])
            function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
            return {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"type": "function", "function": function}],
            } | weight
        case "tool_response":
            return {"role": "tool", "content": one["content"]}
        case role:
            return {"role": role, "content": one["content"]} | weight


def _lines(path):
    with jsonlines.open(path) as lines:
        return [*lines]


@dataclass(frozen=True)
class Arm:
    turn: int
    """When it is trained; 0 is first."""
    more: Callable[[Data], list]
    """Its rows beside the successes."""


LEAST = "successes only"
OURS, AGENTHER, ONE = "ours", "+ AgentHER (one goal, two judges)", "+ one goal, one judge"
MASK, SEVERAL = "+ one goal, one judge, mask", "+ several goals, one judge"
PAIRS = "ours + preference pairs"
FULLEST, SERVED = "+ the fullest goal, one judge", "+ the fullest goal, one judge, mask"
UNMASKED, ASKED = "ours, every step learned", "ours, no goal of a held-out template"
CONTROL = 3
"""The turn of arms that only tell apart what others owe to what."""
ARMS = {
    LEAST: Arm(0, lambda _: []),
    "+ failures as they are": Arm(1, Data.as_they_are),
    "+ failures, goals at random": Arm(1, Data.at_random),
    ONE: Arm(2, lambda data: data.hindsight(1, 1, whole=True)),
    MASK: Arm(2, lambda data: data.hindsight(1, 1)),
    SEVERAL: Arm(2, lambda data: data.hindsight(1, None, whole=True)),
    AGENTHER: Arm(0, lambda data: data.hindsight(2, 1, whole=True)),
    OURS: Arm(0, lambda data: data.hindsight(1, None)),
    "ours + kept goals": Arm(1, lambda data: data.hindsight(1, None) + data.kept_goals()),
    PAIRS: Arm(1, lambda data: data.hindsight(1, None)),
    FULLEST: Arm(CONTROL, lambda data: data.hindsight(1, None, whole=True, some=fullest)),
    ASKED: Arm(CONTROL, lambda data: data.hindsight(1, None, some=asked)),
    UNMASKED: Arm(CONTROL, lambda data: [*map(_learned, data.hindsight(1, None))]),
    SERVED: Arm(CONTROL, lambda data: data.hindsight(1, None, some=fullest)),
}
