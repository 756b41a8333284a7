"""Logs of crews in which one message is the mistake, and an endpoint that knows it when it sees it."""

import json
import re
from collections import Counter
from math import ceil, log2

from llm.lamp import CLASSIFY
from llm.player import Moody, Player

SLIP = "I take the price from memory"
STEP = re.compile(r'<step n="(\d+)"[^>]*>(.*?)</step>', re.DOTALL)
FIRST = re.compile(r"Is it (?:step|one of steps) (?:\d+ to )?(\d+), or")
SECOND = re.compile(r"One holds step (\d+) to be")
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


def calls(method, steps, wrong):
    """The most and the least that a method asks about a run of so many steps."""
    agents = [AGENTS[n % 3] for n in range(1, steps + 1)]
    own = agents[:wrong].count(agents[wrong - 1])
    most, least = {
        "all-at-once": (1, 1),
        "step-by-step": (wrong, wrong),
        "binary-search": (ceil(log2(steps)), int(log2(steps))),
        "hybrid": (1 + own, 1 + own),
        "contrast": (2, 2) if steps > 1 else (1, 1),
        "panel": (2, 2),
    }[method]
    return most, least


def suspect(step, probability=0.6):
    return {"step": step, "reason": f"Step {step} is wrong.", "quote": SLIP, "probability": probability}


def step(is_wrong):
    return {"reason": "So it is.", "quote": SLIP if is_wrong else "", "probability": 0.9 if is_wrong else 0.1}


def about(prompt):
    """By stage, what to say about a prompt."""
    wrong, last = slip_in(prompt), max(int(n) for n, _ in STEP.findall(prompt))
    other = wrong % last + 1
    second, first = SECOND.search(prompt), FIRST.search(prompt)
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
        "attribute_step": lambda: step(wrong == last),
        "attribute_half": lambda: {"reason": "It is there.", "probability": 0.9 if wrong <= int(first[1]) else 0.2},
        "attribute_choice": lambda: {
            "if_earlier": "It would have gone on well.",
            "if_later": "It would have been the same.",
            "probability": 0.8 if wrong == int(second[1]) else 0.1,
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
