"""A model by script that reads runs of the small world of tools, and stands in for a strong one over real HTTP.

It sees what a model sees, the prompt, and finds all goals that the run demonstrates. In a known share of them it slips,
and as a judge it errs in a known share of cases, so that there is something for a gate to do.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from threading import Thread

from endpoint import Connection, Endpoint
from toolworld.domains import AMOUNTS, PEOPLE, RECEIPT, domains, numbered, owners
from toolworld.tasks import Template, described, goal

STEP = re.compile(r'<step n="(\d+)"><action>(\w+) (.*?)</action>(?:<observation>(.*?)</observation>)?</step>')
REQUEST = re.compile(r"<request>\n(.*?)\n</request>", re.DOTALL)
POINT = re.compile(r"^(\d+)\. ", re.MULTILINE)
CONSIDERED = re.compile(r"These steps are considered: ([\d, and]+)")
DIAGNOSIS = {
    "is_failure": True,
    "failure_type": "wrong_result",
    "severity": "minor",
    "severity_weight": 0.8,
    "recoverable": True,
    "decisive_step": None,
    "explanation": "It is not what was asked for.",
}


@dataclass(frozen=True)
class Step:
    n: int
    tool: str
    arguments: dict
    seen: dict
    """Empty for what the agent says."""

    @property
    def is_good(self):
        return bool(self.seen) and "error" not in self.seen

    @property
    def domain(self):
        return owners()[self.tool]


@dataclass(frozen=True)
class Goal:
    """What a beginning of a run demonstrates."""

    text: str
    steps: tuple[int, ...]
    """Those that serve it; the last one meets it."""
    answer: str
    quotes: tuple[tuple[str, int, str], ...]
    """(what is shown, by which step, in which words)."""


def steps_of(prompt):
    run = prompt.partition("<run>\n")[2].partition("\n</run>")[0]
    found = ((int(n), tool, json.loads(given), json.loads(seen or "{}")) for n, tool, given, seen in STEP.findall(run))
    return [Step(*parts) for parts in found]


def goals(steps):
    """All goals that the run demonstrates, the fullest first, and of these the last."""
    good = [step for step in steps if step.is_good]
    found = [made for n, step in enumerate(good) for made in _met(good[:n], step)]
    return sorted(found, key=lambda made: (-len(made.steps), -made.steps[-1]))


def _met(before, step) -> Iterator[Goal]:
    """The goals that are met by this step."""
    domain = step.domain
    if step.tool == domain.search:
        if (rows := step.seen[f"{domain.item}s"]) and (which := _which(step, rows[0])):
            text, quotes = which
            yield Goal(
                f"Which is {text}?",
                (step.n,),
                f"It is {domain.item} {rows[0][domain.item]}.",
                (*quotes, _quote(step, domain.item, rows[0])),
            )
    elif step.tool in (domain.details, domain.take["tool"]):
        for search in reversed(before):
            rows = search.seen.get(f"{domain.item}s", ()) if search.tool == domain.search else ()
            row = next((row for row in rows if row[domain.item] == step.arguments[domain.item]), None)
            if row and (which := _which(search, row)):
                yield from _used(before, search, step, *which)
                return
    elif step.tool == domain.send["tool"]:
        taken = before[-1] if before else None
        if taken and taken.tool == domain.take["tool"] and taken.seen[domain.receipt] == step.arguments[domain.receipt]:
            person = step.arguments["person"]
            for made in _met(before[:-1], taken):
                if made.text.startswith(domain.take["says"]):
                    yield Goal(
                        f"{made.text[:-1]} and {domain.send['says']} the {domain.receipt} to {person}.",
                        (*made.steps, step.n),
                        made.answer,
                        (*made.quotes, _quote(step, "person", step.seen)),
                    )
    else:
        old = step.arguments[domain.receipt]
        yield Goal(
            f"{domain.drop['says']} my {domain.receipt} {old}.",
            (step.n,),
            f"Done: {domain.receipt} {old}.",
            (_quote(step, domain.receipt, step.seen), _quote(step, "status", step.seen)),
        )


def _outcome(steps):
    shown = dict.fromkeys(quote for made in goals(steps) for quote in made.quotes)
    found = [{"text": f"{text} was found", "step": n, "quote": quote} for text, n, quote in shown]
    return {"achievements": found[:20], "key_observations": []}


def _used(before, search, step, which, quotes) -> Iterator[Goal]:
    """The goals of a step that tells or takes a thing which that search has found."""
    domain, item = step.domain, step.arguments[step.domain.item]
    served, quotes = (search.n, step.n), (*quotes, _quote(step, domain.item, step.seen))
    if step.tool == domain.details:
        answer = f"The {domain.fact} of {domain.item} {item} is {step.seen[domain.fact]}."
        told = (*quotes, _quote(step, domain.fact, step.seen))
        yield Goal(f"What is the {domain.fact} of {which}?", served, answer, told)
        return
    amount, receipt = step.seen[domain.amount], step.seen[domain.receipt]
    answer = f"Done: {domain.item} {item} for {amount} {domain.amount}, {domain.receipt} {receipt}."
    quotes = (*quotes, _quote(step, domain.amount, step.seen), _quote(step, domain.receipt, step.seen))
    dropped = [one for one in before if one.tool == domain.drop["tool"]]
    if not dropped:
        yield Goal(goal(Template(domain, "best", "take"), which, amount, "", ""), served, answer, quotes)
    for one in dropped[:1]:
        old = one.arguments[domain.receipt]
        text = goal(Template(domain, "best", "swap"), which, amount, "", old)
        yield Goal(text, (one.n, *served), answer, (*quotes, _quote(one, domain.receipt, one.seen)))


def _which(search, row):
    """The thing in a goal's words, by how it was looked for and what was seen, and the quotes for that."""
    domain, given = search.domain, search.arguments
    rows, place = search.seen[f"{domain.item}s"], given[domain.place]
    shown = [("the place", search.n, str(place))]
    how = "named"
    if row == rows[0] and "name" not in given:
        sort = given.get("sort")
        how = "capped" if sort == "rating" and "most" in given else {"rating": "best"}.get(sort, "lowest")
        how = how if sort else "named"
    if how == "named":
        shown.append(_quote(search, "name", row))
    if how == "capped":
        shown.append(("the limit", search.n, str(given["most"])))
    if how in ("best", "capped"):
        shown.append(_quote(search, "rating", row))
    if how == "lowest":
        shown.append(_quote(search, domain.low["field"], row))
    return described(domain, how, place, row["name"], given.get("most", 0)), tuple(shown)


def _quote(step, key, of):
    return f"the {key}", step.n, json.dumps({key: of[key]})[1:-1]


def is_sound(request, steps, n):
    """Is the step the next thing to do towards the request, after those before it?"""
    words = set(re.findall(r"\w+", request))
    step, before = next(one for one in steps if one.n == n), [one for one in steps if one.n < n]
    if not step.is_good:
        return False
    domain, given = step.domain, step.arguments
    rows = next((one.seen[f"{domain.item}s"] for one in reversed(before) if f"{domain.item}s" in one.seen), [])
    if step.tool == domain.search:
        wanted = {"rating"} if "rated" in words else {domain.low["field"]} & _sorted_by(words, domain)
        return given.get("sort") in (wanted or {None}) and all(
            str(given[key]) in words for key in (domain.place, "name", "most") if key in given
        )
    if step.tool in (domain.details, domain.take["tool"]):
        is_asked = (step.tool == domain.details) == request.startswith("What")
        fits = domain.amount not in given or str(given[domain.amount]) in words
        return is_asked and fits and bool(rows) and rows[0][domain.item] == given[domain.item]
    if step.tool == domain.drop["tool"]:
        return given[domain.receipt] in words
    return given["person"] in words


def _sorted_by(words, domain):
    return {domain.low["field"]} if domain.low["superlative"] in words else set()


def slipped(text, dice):
    """The goal with one thing wrong in it: another place, name, amount, person or way to say which."""
    kinds = [AMOUNTS, PEOPLE, numbered(RECEIPT)]
    for domain in domains().values():
        kinds += [domain.places, domain.names, (domain.low["superlative"], "best rated")]
    places = [
        (found.span(), str(dice.choice([other for other in kind if other != one])))
        for kind in kinds
        for one in kind
        for found in re.finditer(rf"\b{one}\b", text)
    ]
    (start, end), other = dice.choice(places)
    return text[:start] + other + text[end:]


class Reader(Endpoint):
    """Slips in a share of its goals; in a share of its verdicts it takes right for wrong, or wrong for right."""

    def __init__(self, seed=0, slips=0.0, errs=0.0):
        super().__init__(0, 0, seed)
        self.seed, self.slips, self.errs = seed, slips, errs

    def said(self, stage, prompt):
        dice = Random(f"{self.seed} {stage} {prompt}")
        steps = steps_of(prompt)
        match stage:
            case "classify":
                return DIAGNOSIS
            case "classify_extract":
                return {"diagnosis": DIAGNOSIS, "outcome": _outcome(steps)}
            case "relabel":
                refused = prompt.partition("The goals below were refused")[2]
                offered = [self._offer(made, dice) for made in goals(steps)]
                return {"goals": [one for one in offered if one["hindsight_goal"] not in refused]}
            case "judge":
                return self._verdict(prompt, steps, dice)
            case "sound":
                numbers = re.findall(r"\d+", CONSIDERED.search(prompt)[1])
                return {"steps": [self._soundness(prompt, steps, int(n), dice) for n in numbers]}
        raise ValueError(stage)

    def _offer(self, made, dice):
        is_wrong = dice.random() < self.slips
        return {
            "hindsight_goal": slipped(made.text, dice) if is_wrong else made.text,
            "is_valid": True,
            "confidence": 0.8 + 0.04 * len(made.steps),
            "rationale": "The calls did it.",
            "severity": "none",
            "end_step": made.steps[-1],
            "relevant_steps": list(made.steps),
            "answer": made.answer,
            "claims": [{"text": text, "step": n, "quote": quote} for text, n, quote in made.quotes],
        }

    def _verdict(self, prompt, steps, dice):
        is_valid = REQUEST.search(prompt)[1] in {made.text for made in goals(steps)}
        is_valid ^= dice.random() < self.errs
        points = POINT.findall(prompt.partition("Decide each point by the record")[2].partition("Fill in")[0])
        why = "" if is_valid else "It did something else."
        return {
            "is_valid": is_valid,
            "confidence": 0.9 if is_valid else 0.1,
            "rejection_reason": why,
            "claims": [],
            "points": [{"n": int(n), "settled": is_valid, "reason": why} for n in points],
        }

    def _soundness(self, prompt, steps, n, dice):
        sound = is_sound(REQUEST.search(prompt)[1], steps, n) ^ (dice.random() < self.errs)
        quote = str(next(iter(next(step for step in steps if step.n == n).arguments.values())))
        reason = "" if sound else "It does not follow."
        return {"n": n, "sound": sound, "confidence": 0.9 if sound else 0.1, "quote": quote, "reason": reason}


@contextmanager
def answering(reader):
    """The address at which it answers, in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: Connection(reader), "127.0.0.1", 0, backlog=1024))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()
