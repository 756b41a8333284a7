"""What downstream.py leaves out of the goals that agenther found, to tell apart what they owe to what."""

import re
from functools import cache

from toolworld.domains import AMOUNTS, LOWS, PEOPLE, RECEIPT, domains, numbered
from toolworld.tasks import tasks, templates


def fullest(samples):
    """Of each run the one that most steps serve, where --goals 1 has the first, or one before the decisive step."""
    by_run = {}
    for one in sorted(samples, key=lambda one: (len(one["relevant_steps"]), len(one["steps"]))):
        by_run[one["run_id"]] = one
    return [*by_run.values()]


def asked(samples):
    """Those whose goal has no template that is held out for the test."""
    return [one for one in samples if form(one["goal"]) not in _tested()]


def form(goal):
    """A goal without its places, names, people, receipts and numbers."""
    return _things().sub("_", goal)


@cache
def _tested():
    count = len(templates(held_out=True))
    return {form(one.goal) for one in tasks(count, 0, held_out=True)}


@cache
def _things():
    found = {*AMOUNTS, *LOWS, *PEOPLE, *numbered(RECEIPT)}
    for domain in domains().values():
        found |= {*domain.places, *domain.names}
    return re.compile(
        r"\b(?:" + "|".join(sorted((re.escape(str(one)) for one in found), key=len, reverse=True)) + r")\b"
    )
