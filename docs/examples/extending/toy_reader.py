"""A reader: `--log-format toy-log`, or by content. One run a line, as this package's own agent writes them:

{"toy": 1, "task": "Feed the cat.", "solved": false, "did": [["open", {"tin": 3}, "the tin is open"]]}
"""

from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import act, identified
from agenther.readers.log import Head
from agenther.records import Label, Source, Step, Trajectory


def recognizes(head: Head) -> Fit:
    return Fit.sure("toy" in head.first)


def run(source: Source, record: dict) -> Trajectory:
    did = enumerate(record["did"], 1)
    steps = tuple(Step(n=n, turn=n, action=act(name, given), observation=seen) for n, (name, given, seen) in did)
    label = Label(success=record["solved"], source="solved")
    return identified(Trajectory(id="", source=source, goal=record["task"], steps=steps, label=label))


READER = Reader("runs of the toy agent", recognizes, reads("toy-log", run))
