"""The judges, each with its kind: what it costs to ask, and what its word is worth.

A model that is asked at an endpoint needs no line here: any model's name will do. A judge that runs in this process is
registered under a name, and chosen by `--judge local:NAME`.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import EntryPoint
from typing import Literal, NamedTuple

from agenther.errors import AgentHERError, ModelError
from agenther.judges.grounded.judge import NAME, grounded
from agenther.plugins import guest, is_async, loaded, named
from agenther.records import Point, Proposal, Trajectory, Verdict
from agenther.settings import LOCAL

Judge = Callable[[Trajectory, Proposal, tuple[Point, ...]], Awaitable[Verdict]]
"""The points are doubts that it has to decide; the mechanical judge, which raises them, is given none."""
Kind = Literal["mechanical", "local"]
"""The mechanical judge proves, and has a veto. A local one has a vote, as models have, and costs no call."""


class Registered(NamedTuple):
    kind: Kind
    make: Callable[[], Judge]
    """Called once a run, and only when the judge is to sit in it: what is large is loaded then."""


JUDGES: dict[str, Registered] = {NAME: Registered("mechanical", lambda: grounded)}


def _made(point: EntryPoint) -> Judge:
    """The judge that another package brings; imported only now. Raises ModelError."""
    try:
        judge = loaded(point, "async function", is_async)
    except AgentHERError as error:
        raise ModelError(f"{LOCAL}{point.name}", str(error)) from error
    called = guest(point, "judge")

    async def guarded(run: Trajectory, proposal: Proposal, points: tuple[Point, ...]) -> Verdict:
        with called:
            return Verdict.model_validate(await judge(run, proposal, points)).model_copy(update={"judge": point.name})

    return guarded


JUDGES |= {point.name: Registered("local", partial(_made, point)) for point in named("agenther.judges", {*JUDGES})}


def seated(judges: tuple[str, ...]) -> dict[str, Judge]:
    """By name, those that judge without a model: the mechanical ones first, then the local ones that are named.

    Raises ModelError for a local judge that is not registered.
    """
    local = [name for name, one in JUDGES.items() if one.kind == "local"]
    for judge in judges:
        if judge not in local:
            raise ModelError(f"{LOCAL}{judge}", f"no such judge; there is {', '.join(local) or 'none'} in this process")
    chosen = [name for name, one in JUDGES.items() if one.kind == "mechanical" or name in judges]
    return {name: JUDGES[name].make() for name in sorted(chosen, key=lambda name: JUDGES[name].kind != "mechanical")}
