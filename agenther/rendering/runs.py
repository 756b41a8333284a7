"""A run as text for a prompt: once for all stages, so that a provider can cache it.

    <step n="0"><observation>what the agent saw first</observation></step>
    <step n="1"><action>find_order {"id":17}</action><observation>{"status": "sent"}</observation></step>

No thoughts and no goal. Where several agents took part, a step names the one that acted: <step n="1" agent="Coder">.
The text of a run cut at step n is the beginning of the text of the whole run, byte for byte: how much of a step is
shown depends on the steps before it, never on later ones.
"""

import json

from agenther.records import Action, Step, Trajectory
from agenther.rendering.noise import without_noise
from agenther.rendering.repeats import Repeats, cut
from agenther.rendering.tags import neutral

VALUE_ROOM = 12_000
"""Most characters of one text."""
ACTION_ROOM = 2_000
THOUGHT_ROOM = 1_000
THOUGHTS_ROOM = 10_000
RUN_ROOM = 80_000
"""Characters of a whole run, about. When they run short, later texts are shown shorter."""
LEAST_ROOM = 400
"""Every text is shown with at least so many characters, until `RUN_LIMIT`."""
RUN_LIMIT = 120_000
"""After so many characters, no more steps are shown."""
SHARE = 6
"""One text may take a sixth of the room that is left."""
NAME_ROOM = 80
NOT_SHOWN = "[… later steps are not shown …]"
_OF_MARKUP = str.maketrans({'"': "'", "<": "‹", ">": "›"})


def shown(text: str, room: int) -> str:
    """Log text fit for a prompt: its tags neutralised, without noise, and cut."""
    return cut(without_noise(neutral(text)), room)


def render_run(trajectory: Trajectory, end: int | None = None, room: int = RUN_ROOM) -> str:
    """The run's steps up to and including `end`, an element each, without the agent's thoughts."""
    return joined(rendered(trajectory, room), end)


def joined(parts: list[str], end: int | None = None) -> str:
    """What `rendered` gave, up to and including step `end`."""
    return "\n".join(part for part in parts[: None if end is None else end + 1] if part)


def rendered(trajectory: Trajectory, room: int = RUN_ROOM) -> list[str]:
    """A text for each step from 0 on, as far as steps are shown in so many characters; "" for a start that is none."""
    repeats = Repeats()
    parts = [""]
    if trajectory.start:
        seen = _seen(repeats, 0, trajectory.start, room_left(0, room))
        parts = [f'<step n="0"><observation>{seen}</observation></step>']
    used = len(parts[0])
    several = any(step.agent != trajectory.steps[0].agent for step in trajectory.steps)
    for step in trajectory.steps:
        if used > room * RUN_LIMIT // RUN_ROOM:
            parts.append(NOT_SHOWN)
            break
        parts.append(_step(repeats, step, room_left(used, room), by_name=several))
        used += len(parts[-1])
    return parts


def last_shown(parts: list[str]) -> int:
    """The last step of which `rendered` gave something."""
    return len(parts) - 1 - (parts[-1] == NOT_SHOWN)


def thoughts(trajectory: Trajectory, end: int | None = None) -> list[dict[str, object]]:
    """{"n", "text"} for each step up to `end` of which the agent's thought is known, as far as there is room."""
    found: list[dict[str, object]] = []
    left = THOUGHTS_ROOM
    for step in trajectory.steps[:end]:
        text = cut((step.thought or "").strip(), THOUGHT_ROOM)
        if text and left > 0:
            found.append({"n": step.n, "text": text})
            left -= len(text)
    return found


def room_left(used: int, room: int = RUN_ROOM) -> int:
    return max(LEAST_ROOM, min(VALUE_ROOM, (room - used) // SHARE))


def _step(repeats: Repeats, step: Step, room: int, *, by_name: bool) -> str:
    seen = step.observation or ""
    who = f' agent="{_name(step.agent)}"' if by_name and step.agent else ""
    parts = [f'<step n="{step.n}"{who}><action>{shown(_call(step.action), min(room, ACTION_ROOM))}</action>']
    if seen:
        speaker = ' from="user"' if step.answered_by == "user" else ""
        parts.append(f"<observation{speaker}>{_seen(repeats, step.n, seen, room)}</observation>")
    if step.note:
        speaker = ' from="user"' if step.note_by == "user" else ""
        parts.append(f"<note{speaker}>{shown(step.note, min(room, ACTION_ROOM))}</note>")
    if step.error and step.error not in seen:
        parts.append(f"<error>{shown(step.error, LEAST_ROOM)}</error>")
    return "".join([*parts, "</step>"])


def _name(agent: str) -> str:
    return shown(" ".join(agent.split()).translate(_OF_MARKUP), NAME_ROOM)


def _seen(repeats: Repeats, step: int, text: str, room: int) -> str:
    return repeats.condensed(step, without_noise(neutral(text)), room)


def _call(action: Action) -> str:
    if action.raw is not None:
        return f"{action.name} {action.raw}"
    return f"{action.name} {json.dumps(action.arguments, ensure_ascii=False, separators=(',', ':'))}"
