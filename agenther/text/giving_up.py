"""Does an answer say that there is none?"""

import re

_REFUSAL = re.compile(
    r"^\W*(?:n/?a|none|null|unknown|not (?:found|available|applicable)|i (?:give|gave) up\b.*)\W*$"
    r"|\b(?:i(?:'m| am)? (?:sorry|afraid)|i apologi[sz]e|apologies|unfortunately)\b"
    r"|\b(?:could|can|was|were|am|is|are)(?:n't|not| not) (?:able to |possible to )?(?:find|retrieve|get|fetch|access"
    r"|provide|complete|determine|obtain|locate|answer|help|assist|fulfil)"
    r"|\bunable to\b|\bno (?:information|results?|data) (?:was |were |is |are )?(?:found|available)\b",
    re.IGNORECASE,
)
OPENING = 300
"""Characters. An apology later than this is a remark inside an answer."""


def gives_up(answer: str) -> bool:
    """True for "N/A", apologies and "I could not find ..." at the beginning of an answer."""
    return bool(_REFUSAL.search(answer[:OPENING].replace("’", "'").strip()))
