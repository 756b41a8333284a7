"""What one call becomes, for tests of its wording."""

from agenther.stages.calls import findings
from agenther.stages.requests import answering, asking
from tests.builders import a_run, a_step


def worded(tool, observation, said="", **arguments):
    """(goal, answer) of one call, whose user has said all that it was called with but the limit."""
    known = [str(value) for name, value in arguments.items() if name != "limit"]
    goal = f"I have {' and '.join(known)}. {said}"
    run = a_run(steps=(a_step(1, tool, observation, arguments=arguments),), answer=None, goal=goal)
    return [(asking((one.request,)), answering((one.request,))) for one in findings(run)]
