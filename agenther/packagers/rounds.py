"""What the datasets of one round hold those of later ones to: how they are split, and what is held out.

Beside the datasets, `sides.json` has a hash of each task, template, goal and opening in them, under the side of the
split on which it stands. Who was trained on it, or measured by it, can count on that for ever.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agenther.errors import StoreError
from agenther.files import usable
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.packagers.selection.past import Past
from agenther.store.lines import ids
from agenther.store.rounds import has_later

FOLDER = "dataset"
MADE_WITH = "made_with.json"
"""In the folder of the datasets: how they were chosen, so that they can be made in the same way again."""
SIDES = "sides.json"
_SIDES = TypeAdapter(dict[str, list[str]])
_ANEW = "`agenther package` makes the datasets anew"


def note(path: Path) -> Packaged:
    """How datasets were made. Raises StoreError."""
    try:
        with usable(path):
            return Packaged.model_validate_json(path.read_bytes())
    except ValidationError:
        raise StoreError(path, f"is damaged; move its folder away, and {_ANEW}") from None


def check(earlier: Sequence[Path]) -> None:
    """Raises StoreError where one of these rounds does not tell what it holds later ones to."""
    for folder in earlier:
        for name in (MADE_WITH, SIDES):
            if not (folder / FOLDER / name).exists():
                raise StoreError(folder, f"has no {FOLDER}/{name}, to which later rounds hold; {_ANEW}")


def held_to(folder: Path, choices: Choices | None, earlier: Sequence[Path]) -> Choices:
    """The choices for a round, by default those of the one before.

    Raises StoreError where they would drop what other rounds hold out, or split in another way.
    """
    check(earlier)
    others = [*earlier, *([folder] if has_later(folder) and (folder / FOLDER / MADE_WITH).exists() else [])]
    if not others:
        return choices or Choices()
    before = [note(one / FOLDER / MADE_WITH).choices for one in others]
    holdout = frozenset[str]().union(*(one.holdout for one in before))
    chosen = choices or before[-1]
    if dropped := sorted(holdout - chosen.holdout) if choices and choices.holdout else []:
        raise StoreError(folder, f"{dropped[0]} is held out in another round, and has to stay so (--holdout)")
    if chosen.split_by is not before[0].split_by:
        raise StoreError(folder, f"its rounds are split by {before[0].split_by}, and have to stay so (--split-by)")
    return chosen.model_copy(update={"holdout": holdout | chosen.holdout})


def past(rounds: Sequence[Path]) -> Past:
    """What is to be known of the rounds before the last of these, and what sides that one told before."""
    *earlier, folder = rounds
    own = folder / FOLDER / SIDES
    is_told = own.exists() and (bool(earlier) or has_later(folder))
    sides: dict[str, str] = {}
    for path in (*(one / FOLDER / SIDES for one in earlier), *([own] if is_told else [])):
        for key, side in _sides(path):
            sides.setdefault(key, side)
    numbers = {run: number for number, one in enumerate(earlier) for run in ids(one / "trajectories.jsonl")}
    return Past(numbers, sides, len(earlier))


def _sides(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with usable(path):
            found = _SIDES.validate_json(path.read_bytes())
    except ValidationError:
        raise StoreError(path, f"is damaged; {_ANEW}") from None
    for side, keys in found.items():
        for key in keys:
            yield key, side
