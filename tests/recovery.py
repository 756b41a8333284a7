"""Failed runs in which the agent put its mistake right, and an endpoint that says at which step it was."""

import json
import re
from collections import Counter

from commands import agenther
from folders import write_logs
from llm.player import Moody, Player
from llm.server import Server

ACTS = (
    ("search", "q", "brass lamp {n}", {"id": "L-{n}7"}),
    ("open", "id", "L-{n}7", {"name": "Orbit {n}", "price": "$12.{n}9"}),
    ("order", "id", "M-10", {"ordered": "M-10"}),
    ("cancel", "id", "M-10", {"cancelled": "M-10"}),
    ("search", "q", "cheap lamp {n}", {"id": "C-{n}2"}),
)
MISTAKEN, RECOVERED = 3, 4
TRAINED = (1, 2, 4, 5)
BLAME = {
    "account": "Something else was ordered.",
    "suspects": [{"step": MISTAKEN, "reason": "Nobody asked for M-10.", "quote": "M-10", "probability": 0.7}],
    "party": "agent",
    "mistakes": [MISTAKEN],
    "unnecessary": [],
    "recoveries": [RECOVERED],
}
CALL = re.compile(r'<step n="(\d+)"><action>\w+ \{"\w+":"([^"]*)"')


class Teacher(Player):
    """Confirms each step that it is asked about, with the words of its action."""

    def content(self, body):
        return told(body) or super().content(body)


class MoodyTeacher(Moody):
    def content(self, body):
        return told(body) or super().content(body)


def told(body):
    """Of a blame and of sound steps; None of other questions."""
    stage, prompt = body["response_format"]["json_schema"]["name"], body["messages"][1]["content"]
    if stage == "attribute":
        return BLAME
    return {"steps": [*of_steps(prompt)]} if stage == "sound" else None


def of_steps(prompt):
    values = dict(CALL.findall(prompt))
    for n in re.search(r"These steps are considered: ([\d, ]+)", prompt)[1].split(", "):
        yield {"n": int(n), "sound": True, "confidence": 0.9, "quote": values[n], "reason": ""}


def steps(n):
    """Of run `n`."""
    for name, key, value, seen in ACTS:
        answer = json.dumps({key: text.format(n=n) for key, text in seen.items()})
        yield {"action_name": name, "action_input": {key: value.format(n=n)}, "observation": answer}


def kept_run(folder, *options, judges=("j",), keep=("--keep-goal",), runs=3, player=None):
    """Runs on such logs; gives the endpoint, which knows what it was asked."""
    for n in range(runs):
        logs = write_logs(folder / "logs", [n], f"{n:03}.jsonl", steps=[*steps(n)])
    with Server(player := player or Teacher()) as server:
        words = [word for judge in judges for word in ("--judge", judge)]
        fixed = ("--model", "m", "--base-url", server.url, "--allow-unknown-cost", "--attribute", "all-at-once")
        result = agenther("run", logs, "--out", folder / "out", *fixed, *keep, *words, *options)
    assert result.exit_code == 0, result.output
    return player


def asked(player):
    """How often each question was put."""
    bodies = [json.loads(body) for body in player.asked.elements()]
    return Counter(body["response_format"]["json_schema"]["name"] for body in bodies)
