"""Is there a secret in a text, or anything personal?"""

from functools import lru_cache

from agenther.redaction import redact

_KEY = bytes(16)
"""No placeholder is written: what would need one is left out."""


@lru_cache(maxsize=10_000)
def is_private(text: str) -> bool:
    return bool(redact(text, _KEY).findings)
