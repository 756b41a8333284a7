"""What others may see of a row: no secret, nothing personal, and no claim that its own observations do not show."""

import os
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError
from pydantic_core import from_json

from agenther.errors import StoreError
from agenther.evidence import arguments
from agenther.files import part, usable
from agenther.hub.tables import JsonRow
from agenther.records import Evidence, Record, Sample, Step
from agenther.redaction import Finding, redact
from agenther.redaction.walk import changed
from agenther.tally.counts import Table

KEY_BYTES = 32
_RUN_ID = re.compile(r"[a-z-]{1,40}-[0-9a-f]{16}")
QUOTE = "a claim's quote does not stand in its observation any more"
BROKEN = "what is JSON in it would not be any more"
_STRING_OR_PLACEHOLDER = re.compile(r'"(?:[^"\\]|\\.)*+"|<[A-Z][A-Z_]{1,20}_[0-9a-f]{8}>', re.DOTALL)


def secret(path: Path, others: Iterable[Path] = ()) -> bytes:
    """The key in this file, which only its owner can read. If there is none it is made: the first that there is of
    `others`, so that a value has the same placeholder in all rounds, or a new one. Raises StoreError for one damaged.
    """
    with usable(path):
        if not path.exists():
            known = next((one.read_bytes() for one in others if one.exists()), b"")
            draft = part(path)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(known or secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(path, "is damaged; delete it, and all placeholders will be others than before")
    return key


class _Proof(Record):
    """The claims of a sample, and what they quote."""

    start: str | None
    steps: tuple[Step, ...]
    claims: tuple[Evidence, ...]

    def standing(self) -> list[bool]:
        """Of each claim: does its quote stand verbatim where it says?"""
        texts = {step.n: [step.observation or "", *arguments(step)] for step in self.steps}
        texts[0] = [self.start or ""]
        return [any(claim.quote in text for text in texts.get(claim.step, ())) for claim in self.claims]


@dataclass
class Cleaner:
    """Cleans rows, and counts what it finds in them."""

    run: Path
    """The run folder, for what has to be told."""
    key: bytes
    unproven: set[str] = field(default_factory=set)
    """Goals of samples with a claim whose quote does not survive; rows that hold one are left out."""
    places: Counter[str] = field(default_factory=Counter)
    values: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Placeholders of each kind."""
    left_out: Counter[str] = field(default_factory=Counter)

    def prove(self, samples: Iterable[Sample]) -> None:
        """Looks at each sample as a whole, since most rows do not hold their claims."""
        for sample in samples:
            row = sample.model_dump(mode="json")
            value, _ = redact(row, self.key)
            if not _as_proven(row, value):
                self.unproven.add(sample.goal)

    def __call__(self, row: JsonRow) -> JsonRow | None:
        """The row without anything private. Raises StoreError for something private that cannot be taken out."""
        if self.unproven and any(goal in text for text in _texts(row) for goal in self.unproven):
            self.left_out[QUOTE] += 1
            return None
        value, findings = redact({name: text for name, text in row.items() if not _is_own_id(name, text)}, self.key)
        for finding in findings:
            if not finding.redacted:
                raise self._stopped(row, finding)
        if not findings:
            return row
        value = _mended(row, value, {finding.where for finding in findings})
        if not isinstance(value, dict) or ("claims" in row and not _as_proven(row, value)):
            self.left_out[QUOTE if isinstance(value, dict) else BROKEN] += 1
            return None
        self.places.update(finding.kind for finding in findings)
        for finding in findings:
            self.values[finding.kind].add(finding.placeholder)
        return {name: text if _is_own_id(name, text) else value[name] for name, text in row.items()}

    def _stopped(self, row: JsonRow, finding: Finding) -> StoreError:
        """Says where, without the private words themselves."""
        above = redact(finding.where.rpartition("/")[0], self.key).value
        about = {**row, **extra} if isinstance(extra := row.get("extra"), dict) else row
        run_id = about.get("run_id") or about.get("chosen_run_id") or "ID"
        return StoreError(
            self.run / "dataset",
            f"row {about.get('id', '')} has something private ({finding.kind}) as the name of a field, at {above}/"
            f"{finding.placeholder}, where nothing can stand for it; nothing was published."
            f" `agenther forget {self.run} {run_id}` takes the run out",
        )

    def tables(self) -> list[Table]:
        """What was found, and what was left out."""
        found = tuple((kind, str(len(self.values[kind])), str(n)) for kind, n in sorted(self.places.items()))
        out = tuple((why, str(rows)) for why, rows in sorted(self.left_out.items()))
        return [
            Table("Replaced by placeholders", ("kind", "values", "places"), found),
            Table("Rows left out", ("because", "rows"), out),
        ]


def _as_proven(before: Mapping[str, Any], after: JsonValue) -> bool:
    """Do all claims stand that stood before?"""
    proof = _proof(after)
    stood = _proof(before)
    if proof is None or stood is None:
        return False
    return all(now or not then for now, then in zip(proof.standing(), stood.standing(), strict=True))


def _proof(row: object) -> _Proof | None:
    """Of a sample, or of a row that has its parts as JSON."""
    fields = row if isinstance(row, Mapping) else {}
    parts = {name: fields.get(name) for name in _Proof.model_fields}
    try:
        nested = {name: from_json(value) for name, value in parts.items() if name != "start" and isinstance(value, str)}
        return _Proof.model_validate({**parts, **nested})
    except (ValueError, ValidationError):
        return None


def _is_own_id(name: str, value: object) -> bool:
    """A run's id, made of a hash, in a place where others keep what must not be known (ATIF)."""
    return name == "session_id" and isinstance(value, str) and _RUN_ID.fullmatch(value) is not None


def _texts(row: JsonRow) -> Iterator[str]:
    pending: list[JsonValue] = [row]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend(value.values())


def _mended(before: JsonRow, after: JsonValue, places: set[str]) -> JsonValue:
    """`after`, in which every text is JSON that was JSON before; None if one cannot be mended."""
    originals: dict[str, str] = {}
    beyond: list[str] = []

    def remember(text: str, _name: str, where: str) -> str:
        if where in places and _is_json(text):
            originals[where] = text
        return text

    def mend(text: str, _name: str, where: str) -> str:
        if where not in originals or _is_json(text):
            return text
        quoted = _STRING_OR_PLACEHOLDER.sub(lambda it: f'"{it[0]}"' if it[0][0] == "<" else it[0], text)
        if not _is_json(quoted):
            beyond.append(where)
        return quoted

    changed(before, remember)
    mended = changed(after, mend)
    return None if beyond else mended


def _is_json(text: str) -> bool:
    """An object or an array; a bare word or number is a text like others."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        from_json(text)
    except ValueError:
        return False
    return True
