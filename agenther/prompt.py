"""The prompts: found, checked before the first call, and filled in.

`_trajectory.md` opens every prompt: the system text, a line `---`, and the run. The other files each hold the
question of one stage, or of two that are asked as one, which follows the run. So all prompts on one run begin with
the same bytes.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment

from agenther.errors import PromptError
from agenther.records import Trajectory
from agenther.rendering.runs import RUN_ROOM, VALUE_ROOM, joined, last_shown, rendered, shown

OPENING = "_trajectory"
RUNS_KEPT = 512
"""Of rendered runs; more than are in work at a time, so that most are rendered once."""
_EVIDENCE = {"text": "The order was found.", "step": 1, "quote": "order 17"}
_ABOUT = {"goal": "Cancel order 17.", "goal_seen": True}
_THOUGHTS = {"thoughts": [{"n": 1, "text": "First I look it up."}]}
_KEPT = {"kept": True, "policy": "Orders that were sent cannot be cancelled."}
_FAILURE = {**_ABOUT, **_THOUGHTS, "answer": "Done.", "failed": True, "label_source": "reward"}
_BLAMED = {**_ABOUT, **_THOUGHTS, "answer": "Done.", "reference": "It was sent on Monday."}
_SUSPECT = {"step": 1, "reason": "It looks for another order."}
VARIABLES: dict[str, dict[str, object]] = {
    OPENING: {"run": '<step n="1"><action>find_order {"id":17}</action></step>'},
    "classify": _FAILURE,
    "classify_extract": _FAILURE,
    "extract": _ABOUT,
    "attribute": _BLAMED,
    "attribute_step": {name: value for name, value in _BLAMED.items() if name != "answer"} | {"step": 1},
    "attribute_half": {**_BLAMED, "both": "one of steps 1 to 3", "first": "one of steps 1 to 2", "second": "step 3"},
    "attribute_choice": {**_BLAMED, "earlier": _SUSPECT, "later": {**_SUSPECT, "step": 2}},
    "lesson": {**_ABOUT, "answer": "Done.", "suspects": [_SUSPECT]},
    "relabel": {
        **_ABOUT,
        **_THOUGHTS,
        "answer": "Done.",
        **_KEPT,
        "dialogue": True,
        "steps": 1,
        "explanation": "It stopped early.",
        "decisive_step": 1,
        "achievements": [_EVIDENCE],
        "key_observations": [_EVIDENCE],
        "attempt": 2,
        "refused": [{"goal": "Find order 18.", "end": 1, "why": "no order 18 was seen"}],
    },
    "judge": {
        "goal": "Find order 17.",
        "answer": "It was sent.",
        **_KEPT,
        "opening": "Hello, it is about order 17.",
        "masked": "1",
        "points": [{"n": 1, "question": "Is 17 shown?"}],
    },
    "sound": {
        **_ABOUT,
        **_THOUGHTS,
        "policy": "Orders that were sent cannot be cancelled.",
        "opening": "Hello, it is about order 17.",
        "steps": "1, 2",
    },
}
"""What each file may name, with an example of each: a prompt is tried out on these when it is loaded."""


class Rendered(NamedTuple):
    """A prompt, ready to be sent."""

    system: str
    user: str


@dataclass(frozen=True)
class Prompts:
    """The prompt files as `load` read them."""

    system: Template
    opening: Template
    questions: Mapping[str, Template]
    """By stage."""
    fingerprints: Mapping[str, str]
    """sha256 of each file, in hex, by the file's name without `.md`."""
    runs: OrderedDict[tuple[str, int], tuple[Trajectory, list[str]]] = field(
        default_factory=OrderedDict, compare=False, repr=False
    )
    """The latest runs that were rendered, by id and room: each is asked about several times in a row."""

    def run(self, trajectory: Trajectory, end: int | None = None, room: int = RUN_ROOM) -> str:
        """The run up to and including step `end` as `render_run` makes it."""
        return joined(self._parts(trajectory, room), end)

    def last_shown(self, trajectory: Trajectory, room: int = RUN_ROOM) -> int:
        """The last step for which there is room."""
        return last_shown(self._parts(trajectory, room))

    def _parts(self, trajectory: Trajectory, room: int) -> list[str]:
        which = (trajectory.id, room)
        known, parts = self.runs.pop(which, (None, []))
        if known is not trajectory:
            parts = rendered(trajectory, room)
        self.runs[which] = (trajectory, parts)
        if len(self.runs) > RUNS_KEPT:
            self.runs.popitem(last=False)
        return parts

    def ask(self, stage: str, run: str, values: Mapping[str, object]) -> Rendered:
        """The prompt of `stage` on a rendered run. Log text in `values` is cut and its tags are neutralised."""
        safe = {name: _safe(value) for name, value in values.items()}
        opening = _filled(OPENING, self.opening, {"run": run})
        question = _filled(stage, self.questions[stage], safe)
        return Rendered(_filled(OPENING, self.system, {}), f"{opening}\n\n{question}\n")


def load(folder: Path | None = None) -> Prompts:
    """The prompts in `folder`, or the ones that come with the program.

    Raises PromptError when a file is missing, does not parse, or names a variable that nobody gives.
    """
    folder = folder or _packaged()
    texts = {name: _read(folder / f"{name}.md", name) for name in VARIABLES}
    system, line, opening = texts[OPENING].partition("\n---\n")
    if not line:
        raise PromptError(OPENING, "no line --- between the system text and the run")
    prompts = Prompts(
        system=_template(OPENING, system, {}, {}),
        opening=_template(OPENING, opening, VARIABLES[OPENING], {}),
        questions={name: _template(name, texts[name], VARIABLES[name], texts) for name in VARIABLES if name != OPENING},
        fingerprints={name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    )
    for stage in prompts.questions:
        prompts.ask(stage, "", VARIABLES[stage])
    return prompts


def _packaged() -> Path:
    inside = Path(__file__).parent / "prompts"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "prompts"


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise PromptError(name, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PromptError(name, f"{path} is not UTF-8") from None


def _template(name: str, text: str, given: Mapping[str, object], others: Mapping[str, str]) -> Template:
    """`text`, ready to be filled in. It may include the other prompts as `NAME.md`."""
    # autoescape is for HTML: this text goes to a model, with the tags in its values neutralised instead
    environment = SandboxedEnvironment(
        loader=DictLoader({f"{other}.md": found for other, found in others.items()}),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        unknown = meta.find_undeclared_variables(environment.parse(text)) - given.keys()
        template = environment.from_string(text.strip())
    except TemplateError as error:
        raise PromptError(name, str(error)) from None
    if unknown:
        known = ", ".join(sorted(given)) or "none"
        raise PromptError(name, f"unknown variable {', '.join(sorted(unknown))}; known here: {known}")
    return template


def _filled(name: str, template: Template, values: Mapping[str, object]) -> str:
    try:
        return template.render(values).strip()
    except TemplateError as error:
        raise PromptError(name, str(error)) from None


def _safe(value: object) -> object:
    """`value` with every text in it fit to stand beside the run."""
    if isinstance(value, str):
        return shown(value, VALUE_ROOM)
    if isinstance(value, Mapping):
        return {name: _safe(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(part) for part in value]
    return value
