"""What a secret is called, and what is one under such a name."""

import re
from collections.abc import Callable

from agenther.redaction.checks import are_words_of_secret, is_contract, is_password, is_random
from agenther.redaction.lists import LISTS

Check = Callable[[str, bool, bool], bool]
"""(value, is it bare, is it prose) -> is it a secret?"""
_PASSWORD = re.compile(r"(?:password|passwd|passphrase|passcode|passwort|pwd)(?:\d{1,2}|value|plain|raw)?\Z")
_PASS = re.compile(r"(?:(?:\A|[_.-])|(?:\A| )-{1,2}\w{1,12}(?<!by))(?:pass|pw)\Z| pw\Z")  # not "boarding pass"
_SESSION = re.compile(r"sess(?:ion)?id\Z")
_SECRET = re.compile(
    r"""(?:secret|token|secretkeybase
    |(?:api|app|access|secret|private|signing|encrypt|encryption|account|master|auth|subscription|session|service|storage
       |client|consumer|license|licence|deploy|ssh|hmac|jwt|webhook|admin|bot|shared)key)(?:\d{1,2}|value)?\Z""",
    re.VERBOSE,
)
_NO_SECRET = re.compile(
    r"""(?:\A|[^a-z])(?:page|next|continuation|max|min|num|stop|eos|bos|pad|unk|sep|mask|special|first|last|prev|prompt
    |completion|input|output|total|sync|cursor|start|end|image)(?:[^a-z]?page)?[^a-z]?token\Z""",
    re.VERBOSE,
)
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MADE_OF = re.compile(r"_?(?:[Tt]o|[Ff]rom|[Oo]f)(?:_?[A-Z_]\w*)?\Z")
_SETS = re.compile(r"(?:\A|[^A-Za-z])(?:set|with)[A-Z_]\w*\Z")
# What a key, a token and the like are called at all: their values are known by being random.
_KEY = re.compile(
    r"(?:key|[_-]pat|credentials?|certificate|(?<=[_-])(?:api|auth)|(?:client|secret|key|access|app|application)[_.-]?id)(?:\W?\d{1,2})?\Z"
)
_NO_KEY = re.compile(rf"(?:{'|'.join(LISTS['no_secret'])})key\d*\Z")


def whole(text: str, name: str) -> bool:
    """Is all of the text, of one word or several, the password of that name?"""
    words = text.split() if name and len(text) <= 200 else []
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return 1 < len(words) <= 24 and bool(_PASSWORD.search(plain)) and are_words_of_secret(words)


def check_for_call(name: str) -> Check | None:
    """What is a secret as the argument of a call so named: setPassword("…"), privateKeyFrom("…")."""
    name = _MADE_OF.sub("", name)
    if name.isupper() or _SETS.search(name):
        return check_for(name)
    return (lambda value, *_: is_random(value, least=32)) if check_for(name) else None


def check_for(name: str) -> Check | None:
    """What is a secret under such a name (a value, is it bare, is it prose); None if nothing is."""
    words = _WORD_BEGINS.sub("_", name).lower()
    plain = re.sub(r"[^a-z0-9]", "", words)
    if _PASSWORD.search(plain) or _PASS.search(words):
        return lambda value, bare, prose: is_password(value, bare=bare, in_prose=prose)
    if _SESSION.search(plain):
        return lambda value, *_: is_random(value, least=16) and value.count("-") != 4  # no UUID: those are kept in logs
    if _KEY.search(words) and not _SECRET.search(plain) and not _NO_KEY.search(plain):
        return lambda value, _, prose: is_random(value, least=20 if prose else 16)
    if _SECRET.search(plain) and not _NO_SECRET.search(words):
        return lambda value, _, prose: (
            is_random(value, least=16 if prose and "_" not in name else 8)
            and not ("token" in plain and is_contract(value))
        )
    return None
