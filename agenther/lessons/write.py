"""A lesson in words. Templates of ours, in which names stand in marks: no sentence comes out of a log."""

from agenther.lessons.changes import ERROR, NOTHING, RESULT, Change, How
from agenther.lessons.errors import EMPTY, NAMELESS
from agenther.lessons.gather import Gathered
from agenther.lessons.group import Group
from agenther.lessons.known import TASK, USER
from agenther.lessons.occasion import HIDDEN
from agenther.lessons.records import Kind

CHANGES, LOOKS = "tool that changes something", "tool that looks something up"
"""What stands for the names of tools where they are generalised."""
UNNAMED, MADE_UP = "not the value that the error names", "a value that was said nowhere before"
SOURCES = {
    "": "",
    ERROR: "what the error itself says",
    RESULT: "an earlier result",
    TASK: "the task or the rules",
    USER: "what the user says",
}
CAUSES = {
    How.UNKNOWN: "{name} is no tool that the agent has, and calling it fails with {error}.",
    How.DEMANDED: "{name} fails with {error} when {path}, of which the error speaks, is not given.",
    How.UNHEARD: "{name} fails with {error} when {path} is a value that was said nowhere before.",
    How.MISSHAPEN: "{name} fails with {error} when {path} is {shape}.",
    How.MISTYPED: "{name} fails with {error} when {path}, of which the error speaks, is {shape}.",
    How.BLAMED: "Calls of {name} fail with {error}, which speaks of {path}.",
}
REMEDIES = {
    How.UNKNOWN: "Call {nearest}.",
    How.DEMANDED: "Give {path}.",
    How.UNHEARD: "Take {path} from what the user or a result says, or ask for it.",
    How.MISSHAPEN: "Give {path} as {usual}, as it works in other runs.",
    How.MISTYPED: "Give {path} as {usual}, as the tool asks for.",
    How.BLAMED: "Take another value of {path} from what the tool, the user or a result says, or ask for it.",
}
"""Of errors that were never overcome, and have a cause."""
SAID_WRONG = {
    How.SKIPPED: "{name} is called before {needed} was called.",
    How.MISGIVEN: "{name} is given a value of {path} that does not fit what was asked for.",
    How.UNFIT: "{name} is called for something that {needed} is for.",
    How.MISREAD: "The result of {name} is taken for something that it does not say.",
    How.UNASKED: "{name} changes something that nobody asked for.",
    How.STOPPED: "Agents end before all that was asked for is done.",
    How.CLAIMED: "The user is told something that no result says.",
}
SAID_INSTEAD = {
    How.SKIPPED: "Call {needed} first, and then {name}.",
    How.MISGIVEN: "Take {path} from {source}.",
    How.UNFIT: "Call {needed} for it.",
    How.MISREAD: "Go on with what the result itself says.",
    How.UNASKED: "Call {name} only when the user or the rules ask for it.",
    How.STOPPED: "Go on as long as something of the task is not done.",
    How.CLAIMED: "Say only what a result says.",
}
"""Of what a model says. It chooses one of these, and the names in it."""
MANY_SOURCES = 2
"""Tools that a lesson names as sources."""


def wrong(group: Group) -> str:
    """What goes wrong, in one sentence."""
    name = _names(group)
    match group.key.signature.kind:
        case Kind.REPAIRED:
            causes = " and ".join(_cause(change) for change in group.key.changes)
            return f"{_upper(name)} fails with {_error(group)}{causes and f' when {causes}'}."
        case Kind.UNRECOVERED:
            return _dead_end(group, name)
        case Kind.LOOP:
            error = f", which was {_error(group)}" if group.key.signature.error else ""
            same = "called with the same arguments again and again, brought the same result each time"
            return f"{_upper(name)}, {same}{error}."
        case Kind.TOLD:
            return _told(SAID_WRONG, group.key.changes[0], name)
        case _:
            return f"{_page(group)} holds agents for many acts{_acts(group)}."


def _dead_end(group: Group, name: str) -> str:
    """What was never overcome in a run."""
    error, several = _error(group), bool(group.key.signature.domain)
    if group.key.changes and not (group.key.signature.tool or several):
        return f"Agents call tools that they do not have, and these fail with {error}."
    if group.key.changes:
        change = group.key.changes[0]
        return CAUSES[change.how].format(name=_upper(name), error=error, path=_path(change.path), shape=change.before)
    it, fails = ("them", "fail") if several else ("it", "fails")
    if group.namesake:
        return f"{_upper(name)} fails with {error}, and no call of it worked in any run."
    if group.is_dead:
        return f"{_upper(name)} {fails} with {error}, and no call of {it} worked in any run."
    if several:  # one of them may have been called once
        return f"{_upper(name)} fail with {error}, and no later call of them worked in the same run."
    again = f"calling it again{', with other arguments too,' * bool(group.others)}"
    return f"After {name} failed with {error}, {again} did not work in the same run."


def instead(group: Group, gathered: Gathered) -> str:
    """What to do instead, in one sentence."""
    name = _names(group)
    match group.key.signature.kind:
        case Kind.REPAIRED:
            return _upper(" and ".join(_remedy(change, group) for change in group.key.changes)) + "."
        case Kind.UNRECOVERED:
            return _way_out(group, gathered, name)
        case Kind.LOOP:
            return f"Call {name} once with the same arguments, and then go on with something else."
        case Kind.TOLD:
            return _told(SAID_INSTEAD, group.key.changes[0], name)
        case _:
            return "After a few acts there, leave the page for another address or another way to the same thing."


def _way_out(group: Group, gathered: Gathered, name: str) -> str:
    """Of what was never overcome in a run."""
    if group.key.changes:
        change = group.key.changes[0]
        nearest = _tool(change.after) if change.after else "only tools that the agent has"
        usual = gathered.usual(group.key.signature.tool, change) or change.after
        return REMEDIES[change.how].format(path=_path(change.path), nearest=nearest, usual=usual)
    if group.namesake:
        return f"Call {_tool(group.namesake)}: it worked."
    if group.is_passing:
        return f"Call {name} once again later, and then go on; such calls work in other runs."
    if group.works:
        return f"After this error go on without {name}; it works in other runs, with other arguments."
    if group.is_dead:
        return f"Do not count on {name}: after this error use another tool, or say that no answer is given."
    return f"After this error go on without {name}, or say that no answer is given."


def _told(templates: dict[How, str], change: Change, name: str) -> str:
    source = SOURCES[change.source] or "what was asked for"
    return _upper(
        templates[change.how].format(name=name, needed=_tool(change.after), path=_path(change.path), source=source)
    )


def _error(group: Group) -> str:
    phrase = group.key.signature.error.partition(" #")[0]
    return phrase if phrase in {NAMELESS, EMPTY} else f"“{phrase}”"


def _acts(group: Group) -> str:
    names = sorted(name for path, name in group.sources if path == "act")[:MANY_SOURCES]
    most = f", most of them {' or '.join(map(_tool, names))}" if names else ""
    return f"{most}, half of them or more the same again"


def _page(group: Group) -> str:
    path, _, is_own = group.key.signature.error.partition(" #")
    if not is_own:
        return "A page"
    where = f"`{group.key.signature.site}`"
    return f"The page `{path}` of {where}" if path != "/" else f"The first page of {where}"


def _cause(change: Change) -> str:
    path = _path(change.path)
    causes = {
        How.ADDED: f"{path} is not given",
        How.DROPPED: f"{path} is given, of which no value worked",
        How.RESHAPED: f"{path} is {change.before}",
        How.SUMMED: f"the sum of all {path} is {UNNAMED}",
        How.SOURCED: f"{path} is {UNNAMED if change.source == ERROR else MADE_UP}",
        How.REPLACED: f"{path} is {change.before}",
    }
    return causes.get(change.how, "")


def _remedy(change: Change, group: Group) -> str:
    path, source = _path(change.path), _source(change, group)
    shown = "a value" if change.before in NOTHING else f"as {change.after}"
    remedies = {
        How.ADDED: f"give {path}",
        How.DROPPED: f"leave out {path}",
        How.RESHAPED: f"give {path} {shown}{source and f', from {source}'}",
        How.SUMMED: f"take the sum of all {path} from {source}",
        How.SOURCED: f"take {path} from {source}",
        How.REPLACED: f"give {path} as {change.after}",
        How.NONE: "call it again: the same call worked later",
    }
    return remedies.get(change.how, "")


def _source(change: Change, group: Group) -> str:
    names = sorted(name for path, name in group.sources if path == change.path)[:MANY_SOURCES]
    if change.source == RESULT and names:
        return f"the result of {' or '.join(map(_tool, names))}"
    return SOURCES[change.source]


def _path(path: str) -> str:
    return f"`{path}`" if path else "an argument"


def _tool(name: str) -> str:
    if name in {CHANGES, LOOKS}:
        return f"a {name}"
    return "a tool" if not name or name.startswith(f"{HIDDEN} #") else f"`{name}`"


def _names(group: Group) -> str:
    """Of its tool, or of some of one API."""
    signature = group.key.signature
    if not signature.domain:
        return _tool(signature.tool)
    shown = [*map(_tool, sorted(group.tools)[:MANY_SOURCES]), *["others"][: len(group.tools) - MANY_SOURCES]]
    return f"{', '.join(shown[:-1])} and {shown[-1]} of `{signature.domain}`"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
