"""Nothing private leaves the machine: secrets and personal data become placeholders."""

from pydantic import JsonValue

from agenther.extras import needs
from agenther.redaction.found import Finding, Redacted

__all__ = ["Finding", "Redacted", "redact"]


def redact(value: JsonValue, key: bytes) -> Redacted:
    """`value` with placeholders (`<EMAIL_3f9a01bc>`) for all secrets and personal data, and what stood where.

    The same private text and `key` (16 to 64 bytes, to be kept secret: without it a phone number could be guessed
    from its placeholder) give the same placeholder in every call. What only a name gave away in one place is
    replaced everywhere in `value`, so that a quote of it still stands verbatim in its observation. Objects' keys
    stay; a number that is private becomes text. Redacting again changes nothing.

    Raises AgentHERError where the packages that know secrets are not installed: nothing is published unseen.
    """
    needs("publish")
    from agenther.redaction.redactor import redacted  # noqa: PLC0415 - an extra, and slow to import

    return redacted(value, key)
