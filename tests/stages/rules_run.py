"""Runs for tests of rules mode, and what becomes of them."""

import asyncio

from builders import a_run, a_step

from agenther.judges.grounded import grounded
from agenther.pipeline import Crew, process
from agenther.records import Ending, Tool
from agenther.settings import Settings
from agenther.stages import by_rules

CREW = Crew({"classify": by_rules.classify, "extract": by_rules.extract}, by_rules.relabel, {"grounded": grounded})


def a_call(n, tool, observation, **arguments):
    return a_step(n, tool, observation, arguments=arguments)


def result_of(*steps, **changes):
    run = a_run(**{"steps": steps, "answer": None, "ending": Ending.GAVE_UP, "tools": (), **changes})
    return asyncio.run(process(run, CREW, Settings()))


def goals(*steps, **changes):
    return [sample.goal for sample in result_of(*steps, **changes).samples]


def a_tool(name, description="", **fields):
    return Tool(name=name, description=description, parameters={"type": "object", "properties": fields})
