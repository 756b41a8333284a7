"""Logs of crews in which one message is the mistake, and an endpoint that knows it when it sees it."""

import json
import re
from collections import Counter

from llm.lamp import CLASSIFY
from llm.player import Moody, Player

SLIP = "I take the price from memory"
STEP = re.compile(r'<step n="(\d+)"[^>]*>(.*?)</step>', re.DOTALL)
AGENTS = ("Planner", "Coder", "Checker")


def crew_logs(folder, runs):
    """`runs`: (steps, number of the mistaken one) of each; the log of each tells another step, and what is right."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (steps, wrong) in enumerate(runs):
        history = [
            {"name": AGENTS[n % 3], "role": "assistant", "content": SLIP if n == wrong else f"Message {n} on {number}."}
            for n in range(1, steps + 1)
        ]
        record = {
            "question": f"How much is lamp {number}?",
            "question_ID": f"q{number}",
            "is_correct": False,
            "ground_truth": f"{number}.50 EUR",
            "mistake_agent": "Nobody",
            "mistake_step": "0",
            "mistake_reason": "The annotators say so.",
            "history": history,
        }
        (folder / f"{number:03}.json").write_text(json.dumps(record), "utf-8")
    return folder


def slip_in(prompt):
    """The step at which the mistake is shown; 0 where it is not shown."""
    return next((int(n) for n, text in STEP.findall(prompt) if SLIP in text), 0)


def suspect(step, probability=0.6):
    return {"step": step, "reason": f"Step {step} is wrong.", "quote": SLIP, "probability": probability}


def about(prompt):
    """By stage, what to say about a prompt."""
    wrong, last = slip_in(prompt), max(int(n) for n, _ in STEP.findall(prompt))
    other = wrong % last + 1
    evidence = {"text": "A price was told.", "step": wrong, "quote": SLIP}
    return {
        "classify": lambda: CLASSIFY,
        "extract": lambda: {"achievements": [evidence], "key_observations": []},
        "relabel": lambda: {"goals": []},
        "attribute": lambda: {
            "account": "A price was made up.",
            "suspects": [suspect(wrong), suspect(other, 0.2)],
            "party": "agent",
            "mistakes": [wrong],
            "unnecessary": [other] if other != wrong else [],
            "recoveries": [],
        },
    }


class Detective(Player):
    def content(self, body):
        return told(body)


class MoodyDetective(Moody):
    def content(self, body):
        return told(body)


def told(body):
    prompt = body["messages"][1]["content"] if len(body["messages"]) > 1 else ""
    stage = body["response_format"]["json_schema"]["name"]
    return about(prompt)[stage]() if STEP.search(prompt) else {}


def asked(player):
    """How often each question was put."""
    bodies = [json.loads(body) for body in player.asked.elements()]
    return Counter(body["response_format"]["json_schema"]["name"] for body in bodies)
