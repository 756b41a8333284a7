"""What went wrong at a step, told from what came back. Errors are not achievements."""

import re
from functools import lru_cache

from agenther.records import Step, Trajectory

SHORT = 400
"""Characters. A longer answer that mentions an error somewhere is a page or a document, not an error."""

AT_HAND = 4
"""Runs of which results that several stages need are kept."""

_KEY = r"""(?:{names})\\?['"]\s*:"""
_EMPTY = r"""\s*(?:\\?['"]\\?['"]|none\b|null\b|\[\s*\]|\{\s*\}|false\b|0\b)"""
_FIELD = re.compile(
    r"""['"](?:"""
    + "|".join(
        (
            _KEY.replace("{names}", "errors?|err|error[ _]?message|exception") + f"(?!{_EMPTY})",
            _KEY.replace("{names}", "success|ok") + r"\s*false\b",
            _KEY.replace("{names}", "status|status[ _]?code|code") + r"""\s*\\*['"]?(?:error|fail|[45]\d\d\b)""",
        )
    )
    + ")",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"[\s\[{'\"(]*(?:error|exception|traceback|failed|failure|invalid|unauthori[sz]ed|forbidden)\b(?!\\?['\"]\s*:)",
    re.IGNORECASE,
)
_COMPLAINTS = re.compile(
    r"\b(?:(?:do|does|did|was|were|is|are|has|have)(?: not|n't) (?:exist|found|work|support|allow|match)"
    r"|not (?:be )?(?:found|working|supported|allowed|implemented|available|valid|subscribed|(?:recogni|authori)[sz]ed)"
    r"|no (?:results?|such|longer available|data|matches|records?)\b|nothing (?:was )?found"
    r"|rate limit|limit reach|quota|exceeded|too many requests|unauthori[sz]ed|forbidden|(?:access|permission) denied"
    r"|invalid|malformed|internal server error|bad gateway|bad request|unavailable|timed? ?-?out|deprecated|disabled"
    r"|(?:is|are) required|missing|went wrong|failed|cannot|can't|could(?: not|n't)|unable to"
    r"|please (?:retry|try again|provide|upgrade|contact|subscribe))"
    r"|status[_ ]?code\W{0,4}[45]\d\d\b|\bhttp\W{0,3}[45]\d\d\b"
)
"""In lower case, which is twice as fast to search as in any."""
_HOLLOW = re.compile(
    r"""[\s\[\]{}()'",:\\]*(?:(?:errors?|message|msg|response|data|results?|items|null|none)[\s\[\]{}()'",:\\]*)*""",
    re.IGNORECASE,
)
_BAD_PAGE = re.compile(r"\b(?:403|404|500|502|503)\b|not found|whoops|\berror\b|access denied|forbidden", re.IGNORECASE)
_SIGN_IN = re.compile(r"\btextbox ['\"][^'\"\n]{0,20}\bpassword\b", re.IGNORECASE)
_TITLES = {
    " (current): ": re.compile(r"\bTab \d+ \(current\): (.+?)(?: \| Tab \d+(?: \(current\))?: .*)?$", re.MULTILINE),
    "RootWebArea ": re.compile(r"^\s*(?:\[\d+\] )?RootWebArea (['\"])(.+?)\1", re.MULTILINE),
}
"""By words that each of them holds, which are sooner looked for."""


def trouble(step: Step) -> str | None:
    """Why the step achieved nothing, or None if nothing speaks against it.

    The environment's own error, one that its answer speaks of, or no answer at all. What a user says of his troubles
    is none of the step's.
    """
    if step.error:
        return step.error
    if step.answered_by == "user" and step.observation:
        return None
    text = step.observation or ""
    if is_hollow(text):
        return "an empty answer came back" if text.strip() else "nothing came back"
    if title := page_title(text):
        if _SIGN_IN.search(text, 0, 20_000):
            return f"the page “{title}” asks to sign in"
        return f"the page is “{title}”" if _BAD_PAGE.search(title) else None
    head = text[:SHORT]
    is_error = sign(head) or (len(text) <= SHORT and _COMPLAINTS.search(text.casefold()))
    return " ".join(head.split())[:160] if is_error else None


def is_hollow(text: str) -> bool:
    """Is it no more than the names of fields?"""
    return bool(_HOLLOW.fullmatch(text[: SHORT + 1]))


def sign(text: str) -> str:
    """The field or the opening word that says outright that it is an error; empty where none does."""
    found = _FIELD.search(text) or _OPENING.match(text)
    return found[0] if found else ""


def complains(text: str) -> bool:
    """Does it speak of something that went wrong?"""
    return bool(complaint(text))


def complaint(text: str) -> str:
    """The first words of it that do, in lower case; empty where none does."""
    found = _COMPLAINTS.search(text.casefold().replace("’", "'"))
    return found[0] if found else ""


@lru_cache(maxsize=AT_HAND)
def troubles(trajectory: Trajectory) -> dict[int, str]:
    """`trouble` of every step that has any, by number. Every stage asks for it: the last few runs stay at hand."""
    return {step.n: why for step in trajectory.steps if (why := trouble(step))}


def page_title(observation: str) -> str | None:
    """The title of the page that an accessibility tree shows; None if the text is no page."""
    head = observation[:2000]
    for words, pattern in _TITLES.items():
        if words in head and (found := pattern.search(head)):
            return found.groups()[-1].strip() or None
    return None
