"""A model's endpoint of our own: it speaks OpenAI's chat API, takes its time, and misbehaves if told to.

    python benchmarks/endpoint.py --latency 1 --faults 0.3

prints its port, and answers what `agenther` asks about any run, with quotes from the run that stands in the prompt.
GET /stats tells what was asked. It keeps account of prefixes as a server's prefix cache does, in blocks of 1,024
characters.
"""

import argparse
import asyncio
import hashlib
import json
import random
import re
from collections import defaultdict
from itertools import islice

BLOCK = 1024
STEP = re.compile(r'(\d+)">(?:<action>(.*?)</action>)?<observation>(.*?)</observation>', re.DOTALL)
FACT = re.compile(r"""(\w+)\\*["']: ?\\*["']?(\$?\w[\w$., -]{0,60}\w)""")
LINE = re.compile(r"(\w+)\W+([^\n<>]{10,80})")
INPUT = re.compile(r'":\[?"?([^"{}\[\],:\\]{1,60})')
ATTEMPT = re.compile(r"This is attempt (\d)")
MOST_FACTS = 4
FIRST = "classify"
"""The stage that is the first to ask about a run."""
FAULTS = (
    "429 500 503 reset hang truncated html empty-body prose fences wrong-schema empty refusal length filter two".split()
)


NOTHING = {
    "classify": {
        "is_failure": True,
        "failure_type": "tool_error",
        "severity": "major",
        "severity_weight": 0.1,
        "recoverable": False,
        "decisive_step": None,
        "explanation": "Nothing was seen.",
    },
    "extract": {"achievements": [], "key_observations": []},
    "relabel": {"goals": []},
    "judge": {"is_valid": False, "confidence": 0.1, "rejection_reason": "Nothing was seen.", "claims": []},
}
NOTHING["classify_extract"] = {"diagnosis": NOTHING["classify"], "outcome": NOTHING["extract"]}
"""What it would say of a run in which nothing can be seen."""


def seen_steps(run):
    """(number, action, observation) of each step in which the environment answered."""
    return [found.groups("") for part in run.split('<step n="') if (found := STEP.match(part))]


def facts(run):
    """(claim, name of the fact, its value) for the last steps that show one, the latest first."""
    for step, _, seen in reversed(seen_steps(run)):
        if found := FACT.search(seen) or LINE.search(seen):
            name, value = found[1].replace("_", " "), found[2]
            yield {"text": f"The {name} is {value}.", "step": int(step), "quote": found[0]}, name, value


def said(stage, prompt):
    """What a model would say that takes a fact of a step for what was asked: one of an earlier step at each attempt."""
    run, _, question = prompt.partition("\n</run>")
    found = list(islice(facts(run), MOST_FACTS))
    if not found:
        return NOTHING.get(stage, {})
    attempt = ATTEMPT.search(question)
    claim, name, value = found[(int(attempt[1]) - 1 if attempt else 0) % len(found)]
    step = claim["step"]
    inputs = [text for n, action, _ in seen_steps(run) if int(n) <= step for text in INPUT.findall(action)]
    goal = {
        "hindsight_goal": f"With {', '.join(dict.fromkeys(inputs)) or 'all of this'}, look up the {name} for me.",
        "is_valid": True,
        "confidence": 0.8,
        "rationale": "It was seen there.",
        "end_step": step,
        "relevant_steps": list(range(1, step + 1)),
        "answer": f"The {name} is {value}.",
        "claims": [claim],
    }
    diagnosis = {
        "is_failure": True,
        "failure_type": "constraint_violation",
        "severity": "minor",
        "severity_weight": 0.8,
        "recoverable": True,
        "decisive_step": step,
        "explanation": "It is not what was asked for.",
    }
    outcome = {"achievements": [claim for claim, _, _ in found], "key_observations": []}
    return {
        "classify": diagnosis,
        "extract": outcome,
        "classify_extract": {"diagnosis": diagnosis, "outcome": outcome},
        "relabel": {"goals": [goal]},
        "judge": {"is_valid": True, "confidence": 0.9, "rejection_reason": "", "claims": []},
    }[stage]


def chat(content, finish="stop", prompt="", cached=0, refusal=None):
    message = {"role": "assistant", "content": content, "refusal": refusal}
    usage = {
        "prompt_tokens": len(prompt) // 4,
        "completion_tokens": len(content) // 4,
        "total_tokens": (len(prompt) + len(content)) // 4,
        "prompt_tokens_details": {"cached_tokens": cached // 4},
    }
    return {"object": "chat.completion", "choices": [{"message": message, "finish_reason": finish}], "usage": usage}


class Endpoint:
    def __init__(self, latency, faults, seed):
        self.latency = latency
        self.faults = faults
        self.random = random.Random(seed)
        self.blocks = defaultdict(set)
        self.asked = defaultdict(int)
        self.firsts = []
        self.prompt = self.covered = self.calls = self.now = self.most = 0
        self.first = self.last = None

    def said(self, stage, prompt):
        """What it answers, as an object of the stage's shape."""
        return said(stage, prompt)

    def covered_now(self, model, prompt):
        """Characters at the beginning that were sent to the model before, in whole blocks."""
        mark, covered, going = hashlib.blake2b(digest_size=16), 0, True
        for start in range(0, len(prompt) - BLOCK + 1, BLOCK):
            mark.update(prompt[start : start + BLOCK].encode())
            block = mark.digest()
            going = going and block in self.blocks[model]
            covered += BLOCK * going
            self.blocks[model].add(block)
        return covered

    def answer(self, body):
        """(status, headers, body) or the name of a fault of the connection."""
        asked = body.get("response_format", {}).get("json_schema", {})
        stage = asked.get("name", "extract")
        prompt = "".join(message["content"] for message in body["messages"])
        covered = self.covered_now(body["model"], prompt)
        self.calls += 1
        self.prompt += len(prompt)
        self.covered += covered
        digest = hashlib.sha256(json.dumps(body).encode()).digest()
        self.asked[digest] += 1
        if stage.startswith(FIRST) and self.asked[digest] == 1:
            self.firsts.append(len(prompt))
        fault = self.random.choice(FAULTS) if self.random.random() < self.faults else ""
        return misbehaved(fault, json.dumps(self.said(stage, prompt)), prompt, covered)

    def stats(self):
        return {
            "calls": self.calls,
            "most": self.most,
            "seconds": (self.last or 0) - (self.first or 0),
            "repeated": sum(times - 1 for times in self.asked.values()),
            "prompt": self.prompt,
            "covered": self.covered,
            "runs": len(self.firsts),
            "first_prompts": sum(self.firsts),
        }


def misbehaved(fault, text, prompt, covered):
    if fault.isdigit():
        headers = {"Retry-After": "0.1"} if fault == "429" else {}
        return int(fault), headers, json.dumps({"error": {"message": "busy"}})
    if fault in {"reset", "hang"}:
        return fault
    good = json.dumps(chat(text, "stop", prompt, covered))
    bodies = {
        "truncated": good[:-40],
        "html": "<html></html>",
        "empty-body": "",
        "prose": json.dumps(chat("I am not sure what you mean.", "stop", prompt)),
        "fences": json.dumps(chat(f"Sure:\n```json\n{text}\n```", "stop", prompt)),
        "wrong-schema": json.dumps(chat('{"wrong": 1}', "stop", prompt)),
        "empty": json.dumps(chat("", "stop", prompt)),
        "refusal": json.dumps(chat("", "stop", prompt, refusal="I cannot help with that.")),
        "length": json.dumps(chat(text[: len(text) // 2], "length", prompt)),
        "filter": json.dumps(chat("", "content_filter", prompt)),
        "two": json.dumps(chat(text + '\n{"is_valid": false}', "stop", prompt)),
    }
    return 200, {}, bodies.get(fault, good)


class Connection(asyncio.Protocol):
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        size = int(length[1]) if length else 0
        if not end or len(rest) < size:
            return
        self.buffer = rest[size:]
        loop = asyncio.get_running_loop()
        if head.startswith(b"GET"):
            self.send(200, {}, json.dumps(self.endpoint.stats()))
            return
        endpoint = self.endpoint
        endpoint.first = endpoint.first or loop.time()
        endpoint.now += 1
        endpoint.most = max(endpoint.most, endpoint.now)
        answer = endpoint.answer(json.loads(rest[:size]))
        loop.call_later(endpoint.latency, self.done, answer)

    def done(self, answer):
        self.endpoint.now -= 1
        self.endpoint.last = asyncio.get_running_loop().time()
        if answer == "reset":
            self.transport.abort()
        elif answer != "hang":
            self.send(*answer)

    def send(self, status, headers, body):
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.transport.write("\r\n".join([*lines, "", body]).encode())


async def serve(latency, faults, seed):
    endpoint = Endpoint(latency, faults, seed)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(endpoint), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--latency", type=float, default=1)
    options.add_argument("--faults", type=float, default=0, help="share of calls that go wrong")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    asyncio.run(serve(chosen.latency, chosen.faults, chosen.seed))
