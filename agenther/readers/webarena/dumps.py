r"""The JSON that WebArena's `html2json.py` makes of a result folder (`json_dump.json`): many runs in one object.

    {"example_0": {"sites": ["shopping_admin"], "task_id": 0, "intent_template": "What is the top-{{n}} ...",
                   "intent": "What is the top-1 ...", "intent_template_id": 0, "eval_types": ["string_match"],
                   "reference_answers": {"exact_match": "..."}, "achievable": true,
                   "messages": [{"user": "URL: http://...\n\nobservation:\nTab 0 ...", "image": "..."},
                                {"assistant": "I will ... ```click [84]```"}, ...],
                   "success": false}}

The dump counts its templates anew, so a template is known by its text here. Its `success` is false
for a run that failed as well as for one without a result.
"""

from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, text, unpacked
from agenther.readers.webarena.runs import Block, Task, run
from agenther.readers.webarena.side_files import Records
from agenther.records import Label, Reason, Source, Trajectory

KEY = "example_"
ADDRESS = "URL: "
PAGE = "\n\nobservation:\n"


def recognizes(head: Head) -> Fit:
    key, example = next(iter(fields(head.value).items()), ("", None))
    return Fit.sure(key.startswith(KEY) and "intent" in fields(example))


def _run(source: Source, example: Any) -> Trajectory:
    record = fields(example)
    messages = unpacked(record.get("messages"))
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ReadError(Reason.MALFORMED, 'no "messages" list of objects')
    task_id = source.key.removeprefix(KEY)
    template = text(record.get("intent_template")) or f"task-{task_id}"
    check = {name: record.get(name) for name in ("eval_types", "reference_answers", "reference_url")}
    success = label({"success": record.get("success")}).success
    records = Records(passed={task_id: True}) if success else Records()
    found = run(source, Task(task_id, record, template, check), _blocks(messages), records)
    if success is False and not found.label.success:
        return found.model_copy(update={"label": Label(success=False, source="log", score=0)})
    return found


def _blocks(messages: list[dict[str, Any]]) -> list[Block]:
    """A block for each user message, with the assistant's answer to it."""
    blocks: list[Block] = []
    for message in messages:
        user, assistant = message.get("user"), message.get("assistant")
        if isinstance(user, str):
            address, _, page = user.partition(PAGE)
            blocks.append(Block(address.removeprefix(ADDRESS), page))
        elif isinstance(assistant, str) and blocks and blocks[-1].output is None:
            blocks[-1] = blocks[-1]._replace(output=assistant)
    return blocks


READER = Reader("WebArena's html2json dumps", recognizes, reads("webarena-json", _run, Log.members))
