"""WebArena's actions, in the two forms in which its logs write them, and its action space as tools.

Rendered, by the harness; the space before the bracket is Enter:

    type [12] [running shoes ] where [12] is [12] combobox 'Search'

Predicted, by the agent:

    I should search. In summary, the next action I will perform is ```type [12] [running shoes] [1]```
"""

import re

from pydantic import JsonValue

from agenther.records import Action, Tool

FENCE = "```"
RENAMED = {"page_focus": "tab_focus", "page_close": "close_tab"}
"""Names that the renderer prints, by the names that agents use."""
BARE = frozenset({"new_tab", "close_tab", "go_back", "go_forward"})
SINGLE = {"scroll": "direction", "goto": "url", "press": "key", "tab_focus": "tab", "stop": "answer"}
"""The one argument of each action that takes one."""
PLAYWRIGHT_STOP = re.compile(r'(?:page\.)?stop\((?:"(.*)")?\)', re.DOTALL)
NO_ELEMENT = "No match found"
NODE = re.compile(r"""\w+ (?:'.*?'|".*?")(?= \w+: |$)""")
"""Role and name of a line of the accessibility tree, without the properties behind them."""


def rendered(text: str, page: str) -> Action:
    """The action that a render file prints; `none` when the agent's output could not be parsed.

    `page` is what the agent saw: an element whose text the log leaves out is looked up there.
    """
    text = text.strip(" \t\r\n")
    stop = PLAYWRIGHT_STOP.fullmatch(text)
    name, rest = ("stop", stop[1] or "") if stop else _named(text)
    if name == "type":
        return _typed(rest, page)
    if name in {"click", "hover"}:
        element_id, _, where = rest.partition("]")
        return Action(name=name, arguments=_element(element_id, where, page))
    if name in SINGLE:
        return Action(name=name, arguments={SINGLE[name]: rest.removesuffix("]")})
    if name in BARE or (name == "none" and not rest):
        return Action(name=name)
    if name.isidentifier():
        return Action(name=name, raw=text.removeprefix(name).strip())
    return Action(name="playwright", raw=text)


def predicted(text: str, page: str) -> Action:
    """The action in the agent's own words: the first fenced block, as WebArena's parser takes it."""
    _, fence, rest = text.partition(FENCE)
    command, closing, _ = rest.partition(FENCE)
    if not (fence and closing):
        # the harness's own stop has no prediction, and stands there as it is rendered
        return rendered(text, page) if text.lstrip().startswith("stop [") else Action(name="none")
    name, rest = _named(command.strip())
    arguments = rest.rpartition("]")[0]
    if name == "type":
        return _written(rest, page)
    if name in {"click", "hover"}:
        if (element_id := rest.partition("]")[0]).isdigit():
            return Action(name=name, arguments=_element(element_id, "", page))
    elif name == "scroll":
        return Action(name=name, arguments={"direction": "up" if "up" in command else "down"})
    elif name in SINGLE and (arguments or name == "stop"):
        return Action(name=name, arguments={SINGLE[name]: arguments})
    return Action(name=name if name in BARE else "none")


def thought(text: str) -> str | None:
    """The agent's output without its last fenced block; None when nothing is left."""
    end = text.rfind(FENCE)
    start = text.rfind(FENCE, 0, max(end, 0))
    if start >= 0:
        text = text[:start] + text[end + len(FENCE) :]
    return text.strip() or None


def _named(text: str) -> tuple[str, str]:
    """(name, what stands behind the first bracket)."""
    name, bracket, rest = text.partition("[")
    name = name.strip() if bracket else (text.split() or ["none"])[0]
    return RENAMED.get(name, name), rest


def _typed(rest: str, page: str) -> Action:
    """A rendered `id] [text] where [id] is element`. Enter stands there as one space or newline at the end."""
    element_id, _, rest = rest.partition("] [")
    text, where, element = rest.partition(f"] where [{element_id}] is")
    if not where:
        text = rest.removesuffix("]")
    enter = text.endswith((" ", "\n"))
    fields = _element(element_id, element, page)
    return Action(name="type", arguments=fields | {"text": text[:-1] if enter else text, "press_enter": enter})


def _written(rest: str, page: str) -> Action:
    """An agent's `id] [text] [1]`, where the flag for Enter may be absent and then means yes."""
    element_id, separator, text = rest.partition("]")
    text = text.strip()
    enter = not text.endswith("[0]")
    if text.endswith(("[0]", "[1]")):
        text = text[:-3].rstrip()
    if not separator or not element_id.isdigit() or not (text.startswith("[") and text.endswith("]")):
        return Action(name="none")
    fields = _element(element_id, "", page)
    return Action(name="type", arguments=fields | {"text": text[1:-1], "press_enter": enter})


def _element(element_id: str, where: str, page: str) -> dict[str, JsonValue]:
    mark = f"[{element_id}] "
    element = where.strip().removeprefix(f"where {mark}is").strip().removeprefix(mark).strip()
    if not element or element == NO_ELEMENT:
        line = re.search(rf"^[ \t]*{re.escape(mark)}(.+)$", page, re.MULTILINE)
        element = line[1].strip() if line else ""
    if node := NODE.match(element):
        element = node[0]
    fields: dict[str, JsonValue] = {"element_id": element_id}
    return fields | {"element": element} if element else fields


def _tool(name: str, description: str, required: tuple[str, ...] = (), **properties: JsonValue) -> Tool:
    parameters: dict[str, JsonValue] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = list(required)
    return Tool(name=name, description=description, parameters=parameters)


ELEMENT_ID: JsonValue = {"type": "string", "description": "Number of the element, as it stands in the page's text"}
ELEMENT: JsonValue = {"type": "string", "description": "Role and name of the element"}

TOOLS = (
    _tool("click", "Click an element.", ("element_id",), element_id=ELEMENT_ID, element=ELEMENT),
    _tool(
        "type",
        "Type text into a field, then press Enter if asked to.",
        ("element_id", "text"),
        element_id=ELEMENT_ID,
        element=ELEMENT,
        text={"type": "string"},
        press_enter={"type": "boolean", "default": True},
    ),
    _tool("hover", "Move the mouse over an element.", ("element_id",), element_id=ELEMENT_ID, element=ELEMENT),
    _tool("press", "Press a key or a combination of keys.", ("key",), key={"type": "string"}),
    _tool("scroll", "Scroll the page.", ("direction",), direction={"type": "string", "enum": ["up", "down"]}),
    _tool("goto", "Open an address.", ("url",), url={"type": "string"}),
    _tool("new_tab", "Open a new, empty tab."),
    _tool("tab_focus", "Switch to a tab.", ("tab",), tab={"type": "string", "description": "Index of the tab, from 0"}),
    _tool("close_tab", "Close the current tab."),
    _tool("go_back", "Go back to the page before."),
    _tool("go_forward", "Go forward again, after going back."),
)
"""The action space, fixed by WebArena. `stop` is not in it: the answer is a plain message."""
