"""From ToolBench's calls to a run, for all of its forms: calls become steps, and a closing Finish the answer."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from agenther.readers.build import act
from agenther.readers.toolbench.calls import Call, Calls, closes, closing, failure
from agenther.records import Branch, Source, Step, Tool, Trajectory

_PROVIDER = re.compile(r'subfunction for tool "([^"]+)"')


class Query(NamedTuple):
    """What a log tells of the task."""

    goal: str
    tools: tuple[Tool, ...]
    system: str
    id: str = ""
    group: str = ""


def draft(source: Source, query: Query, calls: Calls, answer: Any = "", paths: Iterable[Calls] = ()) -> Trajectory:
    """The run of the calls, without a label. `answer`: the log's final one; `paths`: all, this one among them."""
    ending, said = closing(answer, calls)
    return Trajectory(
        id="",
        source=source,
        goal=query.goal,
        steps=_steps(calls),
        task_id=query.id,
        benchmark="toolbench",
        domain=query.group,
        template=_template(query.tools),
        system=query.system,
        tools=query.tools,
        answer=said,
        ending=ending,
        flags=("observation-cut",) * any(map(_is_cut, calls)),
        branches=_branches(paths, calls),
    )


def _steps(calls: Calls) -> tuple[Step, ...]:
    """One step a call, Finish included; a Finish that was accepted at the end is the final one."""
    return tuple(
        Step(
            n=n,
            turn=n,
            thought=call.thought or None,
            action=act(call.name, call.arguments),
            observation=call.response,
            error=failure(call),
            final=n == len(calls) and closes(call),
        )
        for n, call in enumerate(calls, 1)
    )


def _branches(paths: Iterable[Calls], run: Calls) -> tuple[Branch, ...]:
    """Every other path than the run's, each different one once."""
    others = [path for path in dict.fromkeys(paths) if path != run]
    return tuple(Branch(steps=_steps(path), answer=closing("", path)[1]) for path in others)


def _template(schemas: Iterable[Tool]) -> str:
    """The tools' providers, for example "toolbench/postcodes": two tasks over the same provider are near each other,
    whatever they ask, so they must not stand on both sides of a split.
    """
    providers = {_provider(tool) for tool in schemas}
    return "toolbench/" + "+".join(sorted(providers)) if providers else ""


def _provider(tool: Tool) -> str:
    described = _PROVIDER.search(tool.description)
    return described[1] if described else tool.name.rpartition("_for_")[2]


def _is_cut(call: Call) -> bool:
    """Does a response end in "..." where its JSON should close?"""
    response = call.response or ""
    return response.startswith("{") and response.rstrip().endswith("...")
