"""What redaction gives: the value as others may see it, and what stood in it."""

from typing import NamedTuple

from pydantic import JsonValue

from agenther.records import Record


class Finding(Record):
    """One place where something private stood. Never holds the value itself."""

    kind: str
    """What it is, for example "EMAIL", "GITHUB_TOKEN"; "SECRET" for what only its name or place gave away."""
    placeholder: str
    where: str
    """JSON pointer (RFC 6901) into the value."""
    redacted: bool = True
    """False for what stands in an object's key, which stays as it is: such a value must not leave the machine."""


class Redacted(NamedTuple):
    value: JsonValue
    findings: tuple[Finding, ...]
