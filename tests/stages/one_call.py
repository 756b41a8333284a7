"""The goal that rules make of one call."""

from agenther.stages.calls import findings
from agenther.stages.requests import asking
from tests.builders import a_run, a_step

UNSAID = frozenset("limit offset skip start count size page per_page".split())


def asked(tool, observation, **arguments):
    """Goals of one call, whose user has said all that it was called with but numbers of a page's size."""
    known = [str(value) for name, value in arguments.items() if not (name in UNSAID and isinstance(value, int))]
    run = a_run(
        steps=(a_step(1, tool, observation, arguments=arguments),), answer=None, goal=f"I have {', '.join(known)}."
    )
    return [asking((one.request,)) for one in findings(run)]
