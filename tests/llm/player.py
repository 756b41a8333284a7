"""A model that answers every question about the lamp logs well, behind a real socket; and one that often does not."""

import asyncio
import json
import random
import re
from collections import Counter

from aiohttp import web
from folders import write_logs
from llm.lamp import CLASSIFY, GOAL, YES
from llm.server import EMPTY_BODY, HTML, TRUNCATED, fails, hang, reset, says, status

SEEN = re.compile(r'"name": "(Orbit \d+)", "price": "(\$[\d.]+)"')


def lamp_logs(folder, numbers):
    """Runs in which a lamp is found that costs too much; `Player` finds the goal that each of them meets."""
    for number in numbers:
        write_logs(folder, [number], f"{number:04}.jsonl", original_prompt=f"Find a desk light like {number} under $5.")
    return folder


def answers(prompt):
    """By stage, what to say about a prompt."""
    name, price = SEEN.search(prompt).groups()
    claim = {"text": f"{name} costs {price}.", "step": 2, "quote": f'"name": "{name}", "price": "{price}"'}
    goal = {
        **GOAL,
        "hindsight_goal": f"Open the page of the {name} lamp and tell me what it costs.",
        "answer": f"The {name} lamp costs {price}.",
        "claims": [claim],
    }
    outcome = {"achievements": [claim], "key_observations": []}
    return {
        "classify": CLASSIFY,
        "extract": outcome,
        "classify_extract": {"diagnosis": CLASSIFY, "outcome": outcome},
        "relabel": {"goals": [goal]},
        "judge": YES,
    }


class Player:
    """Answers well after `latency` seconds; knows what it was asked, and how many calls were under way."""

    def __init__(self, latency=0.0, usage=None):
        self.latency = latency
        self.usage = usage
        self.asked = Counter()
        self.answered = Counter()
        self.now = self.most = 0

    async def __call__(self, request):
        body = await request.json()
        self.asked[json.dumps(body)] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self.answer(request, body)
        finally:
            self.now -= 1

    async def answer(self, request, body):
        await asyncio.sleep(self.latency)
        self.answered[json.dumps(body)] += 1
        return await self.good(body)(request)

    def good(self, body):
        more = {"usage": self.usage} if self.usage else {}
        return says(json.dumps(self.content(body)), **more)

    def content(self, body):
        prompt = "".join(message["content"] for message in body["messages"])
        return answers(prompt)[body["response_format"]["json_schema"]["name"]] if SEEN.search(prompt) else {}


class Moody(Player):
    """Misbehaves in `share` of its calls, in every way there is. What it does is decided by its seed, the question,
    and how often that was put; the order of the calls, which no run repeats, has no part in it."""

    def __init__(self, share, seed=1):
        super().__init__()
        self.share = share
        self.seed = seed
        self.moods = Counter()

    async def answer(self, request, body):
        good = json.dumps(self.content(body))
        moods = {
            "429": fails(429, "slow down", headers={"Retry-After": "0.05"}),
            "500": fails(500),
            "503": fails(503, headers={"Retry-After": "0.05"}),
            "reset": reset,
            "hang": hang,
            "cut response": TRUNCATED,
            "web page": HTML,
            "no body": EMPTY_BODY,
            "no choices": status(200, {"choices": []}),
            "prose": says("I would say that it went quite well."),
            "fences": says(f"Here it is:\n```json\n{good}\n```\nAnything else?"),
            "thinking": says(f"<think>{{}} or so?</think>{good}"),
            "wrong shape": says('{"verdict": "fine"}'),
            "wrong values": says(good.replace("0.8", "8").replace("0.9", "9").replace("[", "{")),
            "empty": says(""),
            "refusal": says(None, message={"refusal": "I cannot help with that."}),
            "cut answer": says(good[: len(good) // 2], "length"),
            "filtered": says("", "content_filter"),
            "filtered prompt": fails(400, "filtered", "content_filter"),
        }
        words = json.dumps(body)
        chance = random.Random(f"{self.seed} {self.asked[words]} {words}")
        if chance.random() >= self.share:
            return await self.good(body)(request)
        mood = chance.choice(sorted(moods))
        self.moods[mood] += 1
        response = await moods[mood](request)
        assert isinstance(response, web.StreamResponse)
        return response
