"""WebArena and VisualWebArena: `render_<task id>.html`, one page of the run below the other.

    <body><pre>sites: ['shopping_admin']
    task_id: 0
    intent: What is the top-1 best-selling product in 2022
    eval: {'eval_types': ['string_match'], 'reference_answers': {'exact_match': '...'}, ...}
    intent_template_id: 279
    </pre>

        <h2>New Page</h2>
    <h3 class='url'><a href=http://shop/admin/>URL: http://shop/admin/</a></h3>
    <div class='state_obv'><pre>Tab 0 (current): Dashboard ...</pre><div>
    <img src='data:image/png;base64,...' style='width:50vw; height:auto;'/>
    <div class='prev_action' style='background-color:pink'>None</div>
    <div class='predict_action'><div class='raw_parsed_prediction' ...><pre>I will ... ```click [84]```</pre></div><div
    class='action_object' ...><pre>{...}</pre></div><div class='parsed_action' ...><pre>click [84] where [84] is [84]
    link 'Orders'</pre></div></div>

Nothing in it is escaped, and the observation's `<div>` is opened twice instead of closed: no HTML parser
reads it right. A page may hold any of these words itself, even whole blocks, so a block ends only where
an observation's end meets the start of `prev_action`, as often as a block has begun.
"""

import re
import warnings
from ast import literal_eval
from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.log import Head, Log
from agenther.readers.webarena.runs import Block, Task, run
from agenther.readers.webarena.side_files import SIDE_FILES, accompanies, records
from agenther.records import Reason, Trajectory

HEADER = re.compile(r"<body>\s*<pre>(?=[a-z_]+: )")
FIELD = re.compile(r"([a-z][a-z0-9_]*): ?(.*)", re.DOTALL)
LITERALS = frozenset({"sites", "eval", "image"})
"""Fields that are no plain text: Python literals, as `str()` prints them."""
NONE = "None"
IMAGE = re.compile(r"<img src='data:image/[a-z+]*;base64,[A-Za-z0-9+/=]*'[^<>]*>\n?")
TAG = re.compile(r"<[^<>]*+>")
MARK = re.compile(
    r"<h2>New Page</h2>\s*<h3 class='url'><a href=(?P<url>(?:[^<\n]|<(?!/a></h3>|h2>))*)</a></h3>\s*"
    r"<div class='state_obv'><pre>"
    r"|</pre><div>\s*<div class='prev_action'[^<>]*>"
)
"""A block's beginning, up to the page's text; or the end of the page's text."""
PREDICTION = "<div class='predict_action'>"
OUTPUT = "<div class='raw_parsed_prediction'"
OUTPUT_END = re.compile(r"</pre></div><div class='(?:action_object|parsed_action)'")
PARSED = "<div class='parsed_action'"
INNER_END = "</pre></div>"


def recognizes(head: Head) -> Fit:
    if head.value is not None:
        return Fit.NO
    text = head.text
    has_config = HEADER.search(text) is not None and "task_id: " in text
    has_block = "<h2>New Page</h2>" in text and "<div class='state_obv'>" in text
    return Fit.sure(has_config or has_block)


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """The one run of the file. Raises ReadError when its header has no task."""
    text = IMAGE.sub("", log.text())
    first = MARK.search(text)
    fields = _header(text, first.start() if first else len(text))
    task_id = str(fields.get("task_id") or log.path.stem.removeprefix("render_"))
    template = fields.get("intent_template_id", NONE)
    template = f"task-{task_id}" if template in {"", NONE} else template
    task = Task(task_id, fields, template, fields.get("eval"))
    cut = "</html>" not in text[-200:]
    blocks = _blocks(text)
    if not any(block.output or block.act for block in blocks) and (why := _unread(text)):
        raise ReadError(Reason.MALFORMED, f"pages in another form than the render helper's: {why}")
    yield run(log.source("webarena"), task, blocks, records(log), cut=cut)


def _header(text: str, end: int) -> dict[str, Any]:
    """The task's config. A line that is no `key: value` continues the value before it."""
    start = HEADER.search(text, 0, end)
    close = text.rfind("</pre>", 0, end)
    if start is None or close < start.end():
        raise ReadError(Reason.MALFORMED, "no task config at the head of the render file")
    fields: dict[str, list[str]] = {}
    value: list[str] = []
    for line in text[start.end() : close].split("\n"):
        field = FIELD.fullmatch(line)
        if field and field[1] not in fields:
            value = fields[field[1]] = [field[2]]
        elif value and line:
            value.append(line)
    texts = {key: "\n".join(lines) for key, lines in fields.items()}
    return {key: _literal(text) if key in LITERALS else text for key, text in texts.items()}


def _unread(text: str) -> str:
    """What a file holds that would be blocks, though none was read; a run that crashed at once has nothing there."""
    start = HEADER.search(text)
    rest = text[text.find("</pre>", start.end()) + len("</pre>") :] if start else text
    if PREDICTION in rest:
        return "what the agent did follows no page's end"
    words = " ".join(TAG.sub(" ", rest if MARK.search(rest) is None else "").split())
    return f"after the task comes “{words[:60]}”" if words else ""


def _literal(text: str) -> Any:
    """The Python literal, or the text itself when it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown escapes in a log are no concern of the user's
            return literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _blocks(text: str) -> list[Block]:
    marks = list(MARK.finditer(text))
    spans, is_balanced = _spans(marks, nested=True)
    if not is_balanced:
        # a page that only begins a block, or a file that is cut: the first end is the right one
        spans, _ = _spans(marks, nested=False)
    blocks = []
    for index, (begin, end) in enumerate(spans):
        limit = spans[index + 1][0].start() if index + 1 < len(spans) else len(text)
        url = begin["url"].partition(">URL: ")[0]
        if end is None:
            blocks.append(Block(url, text[begin.end() : limit]))
        else:
            blocks.append(_block(url, text[begin.end() : end.start()], text[end.end() : limit]))
    return blocks


def _spans(
    marks: list[re.Match[str]], *, nested: bool
) -> tuple[list[tuple[re.Match[str], re.Match[str] | None]], bool]:
    """(beginning, end of the page) of each block, and whether every beginning found its end."""
    spans: list[tuple[re.Match[str], re.Match[str] | None]] = []
    depth = 0
    for mark in marks:
        if mark["url"] is not None:
            if depth == 0:
                spans.append((mark, None))
            depth = depth + 1 if nested else 1
        elif depth:
            depth -= 1
            if depth == 0:
                spans[-1] = (spans[-1][0], mark)
    return spans, depth == 0


def _block(url: str, page: str, rest: str) -> Block:
    """`rest` is what follows the page: the act before, and the prediction with its parsed action."""
    before, found, prediction = rest.partition(PREDICTION)
    before = before.rstrip().removesuffix("</div>")
    output = act = None
    if (start := _inside(prediction, prediction.find(OUTPUT))) is not None:
        end = OUTPUT_END.search(prediction, start)
        output = prediction[start : end.start()] if end else None
    if (start := _inside(prediction, prediction.rfind(PARSED))) is not None:
        end_of_act = prediction.rfind(INNER_END, start)
        act = prediction[start:end_of_act] if end_of_act >= 0 else None
    elif found and OUTPUT not in prediction and (end_of_act := prediction.rfind("</div>")) >= 0:
        act = prediction[:end_of_act]  # some action sets print the action alone
    return Block(url, page, before, output, act)


def _inside(text: str, start: int) -> int | None:
    """Where the text of the `<div ...><pre>` at `start` begins."""
    opened = text.find("<pre>", start) if start >= 0 else -1
    return opened + len("<pre>") if opened >= 0 else None


READER = Reader("WebArena and VisualWebArena result folders", recognizes, read, SIDE_FILES, accompanies)
