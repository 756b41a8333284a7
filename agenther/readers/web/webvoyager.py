r"""WebVoyager's runs: `task<Site>--<n>/interact_messages.json`, a chat whose actions are text.

    [{"role": "system", "content": "Imagine you are a robot browsing the web …"},
     {"role": "user", "content": "Now given a task: Find a loan.  Please interact with https://… and get the answer."},
     {"role": "assistant", "content": "Thought: The search box is [2].\n\nAction: Type [2]; loan"},
     {"role": "user", "content": "Observation: A screenshot and some texts. (Omitted in context.)"},
     {"role": "assistant", "content": "Thought: …\n\nAction: ANSWER; No copy is left."}]

Only the latest pages survive in such a file; of the others nothing is known (flag `observations-omitted`). It tells no
label.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import run
from agenther.readers.chat.conversations import first_messages
from agenther.readers.content import content_text, joined
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields, items
from agenther.readers.web.pages import Page, steps
from agenther.records import Action, Reason, Source, Trajectory

NAME = "webvoyager"
ASKED = re.compile(r"Now given a task:\s*+(.*?)\s+Please interact with (\S{1,2000}) and get the answer\.", re.DOTALL)
ANSWER = "ANSWER"
OMITTED = "(Omitted in context.)"
FAILED = ("Format ERROR", "The action you have chosen cannot be exected")
"""How the harness begins to tell, in its own spelling, that an action was none or could not be done."""
_MARK = re.compile(r"Thought:|Action:|Observation:")
_ACTION = re.compile(
    r"(?P<name>[A-Za-z]\w*)(?:(?<!ANSWER)\s*+(?:\[(?P<element>\w*)\]|(?P<number>\d++|WINDOW)(?=[\s;:]|$)))?+"
    r"[\s;:]*+(?P<text>.*)",
    re.DOTALL,
)
_RESTS = {"Scroll": "direction", ANSWER: "content"}
"""What stands behind the element, if it is no text that is typed."""
_OPENS = "Now given a task:"
_FOLDER = "task"


def recognizes(head: Head) -> Fit:
    return Fit.sure(any(_is_task(message) for message in first_messages(head)[:2]))


def _is_task(message: Any) -> bool:
    return fields(message).get("role") == "user" and content_text(message.get("content")).startswith(_OPENS)


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """The run of the file, or those of a list of such chats."""
    return each(log, NAME, log.records(_is_chat), partial(_run, log.path.parent.name))


def _is_chat(values: list[Any]) -> bool:
    return isinstance(fields(values[0] if values else None).get("role"), str)


def _run(folder: str, source: Source, value: Any) -> Trajectory:
    messages = list(map(fields, items(value) or items(fields(value).get("messages"))))
    asked = next((found for message in messages if (found := _asked(message))), None)
    if not asked:
        raise ReadError(Reason.NO_GOAL, 'no message of the user says "Now given a task: … Please interact with …"')
    pages, seen, told = list[Page](), [asked.string[asked.end() :].strip()], None
    system = joined(content_text(message.get("content")) for message in messages if message.get("role") == "system")
    for message in messages:
        text = content_text(message.get("content")).strip()
        if message.get("role") == "assistant":
            thought, act = _said(text)
            pages.append(Page("\n".join(seen), (act,), thought, "" if pages else asked[2], told))
            seen, told = [], None
        elif message.get("role") == "user" and not text.startswith(_OPENS):
            told = text if text.startswith(FAILED) else told
            seen.append(text)
    if not pages:
        raise ReadError(Reason.NO_STEPS, "no message of the agent")
    omitted = any(page.seen.endswith(OMITTED) for page in pages)
    pages = [page._replace(seen="" if page.seen.endswith(OMITTED) else page.seen) for page in pages]
    made = steps([*pages, Page("\n".join(seen), told=told)], open_end=True)
    last = made[-1].action
    answer = str(last.arguments.get("content", "")) if last.name == ANSWER else None
    task_id = folder.removeprefix(_FOLDER) if "--" in folder else ""
    return run(
        source,
        made,
        answer,
        goal=asked[1],
        task_id=task_id,
        benchmark=NAME,
        domain=task_id.rpartition("--")[0],
        template=f"{NAME}/{task_id}" if task_id else "",
        system=system,
        start=pages[0].seen,
        flags=("observations-omitted",) * omitted,
    )


def _asked(message: dict[str, Any]) -> re.Match[str] | None:
    return ASKED.match(content_text(message.get("content"))) if message.get("role") == "user" else None


def _said(text: str) -> tuple[str, Action]:
    """(thought, action) of "Thought: … Action: Type [2]; loan"; text without an action is the act `none`, whole.

    The harness did the first action, whatever the model imagined behind it.
    """
    thought, _, rest = text.partition("Action:")
    said = _MARK.split(rest)[0].strip()
    found = _ACTION.fullmatch(said)
    if not found:
        return text, Action(name="none")
    rest = found["text"].strip()
    bare = rest[1:-1] if rest[:1] == "[" and rest.find("]") == len(rest) - 1 else rest
    given = {"element": found["element"] or found["number"], _RESTS.get(found["name"], "text"): bare}
    return (
        thought.strip().removeprefix("Thought:").strip(),
        Action(name=found["name"], arguments={name: value for name, value in given.items() if value}),
    )


def accompanies(head: Head) -> bool:
    """The tasks, or the answers that are wanted."""
    wanted = next(iter(fields(head.value).values()), None)
    return {"ques", "web"} <= head.first.keys() or {"notice", "answers"} <= fields(wanted).keys()


READER = Reader("WebVoyager's interact_messages.json", recognizes, read, accompanies=accompanies)
