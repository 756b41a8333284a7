"""Failed runs in which the agent put its mistake right, and an endpoint that says at which step it was."""

import json
import re
from collections import Counter

from click.testing import CliRunner
from folders import write_logs
from llm.player import Player
from llm.server import Server

from agenther.cli import main

STEPS = [
    {"action_name": "search", "action_input": {"q": "brass lamp"}, "observation": '{"id": "L-77"}'},
    {"action_name": "open", "action_input": {"id": "L-77"}, "observation": '{"name": "Orbit 7", "price": "$12.99"}'},
    {"action_name": "order", "action_input": {"id": "M-10"}, "observation": '{"ordered": "M-10"}'},
    {"action_name": "cancel", "action_input": {"id": "M-10"}, "observation": '{"cancelled": "M-10"}'},
    {"action_name": "search", "action_input": {"q": "cheap lamp"}, "observation": '{"id": "C-12"}'},
]
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
    """Confirms each step that it is asked about but those in `refused`, with the words of its action."""

    def __init__(self, refused=()):
        super().__init__()
        self.refused = refused

    def content(self, body):
        stage, prompt = body["response_format"]["json_schema"]["name"], body["messages"][1]["content"]
        if stage == "attribute":
            return BLAME
        return {"steps": [*self.of_steps(prompt)]} if stage == "sound" else super().content(body)

    def of_steps(self, prompt):
        values = dict(CALL.findall(prompt))
        for n in re.search(r"These steps are considered: ([\d, ]+)", prompt)[1].split(", "):
            sound = int(n) not in self.refused
            yield {"n": int(n), "sound": sound, "confidence": 0.9 if sound else 0.1, "quote": values[n], "reason": ""}


def kept_run(folder, *options, judges=("j",), keep=("--keep-goal",), runs=3, player=None):
    """Runs on such logs; gives the endpoint, which knows what it was asked."""
    logs = write_logs(folder / "logs", range(runs), steps=STEPS)
    with Server(player := player or Teacher()) as server:
        words = [word for judge in judges for word in ("--judge", judge)]
        fixed = ("--model", "m", "--base-url", server.url, "--allow-unknown-cost", "--attribute", "all-at-once")
        result = agenther("run", logs, "--out", folder / "out", *fixed, *keep, *words, *options)
    assert result.exit_code == 0, result.output
    return player


def agenther(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def asked(player):
    """How often each question was put."""
    bodies = [json.loads(body) for body in player.asked.elements()]
    return Counter(body["response_format"]["json_schema"]["name"] for body in bodies)
