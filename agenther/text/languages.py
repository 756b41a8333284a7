"""Languages by the codes under which agents ask for them: people say "in German", tools take "de"."""

import re

_NAMES = dict(
    pair.split("=")
    for pair in (
        "en=English de=German fr=French es=Spanish it=Italian pt=Portuguese nl=Dutch sv=Swedish da=Danish fi=Finnish"
        " pl=Polish ru=Russian tr=Turkish el=Greek ar=Arabic hi=Hindi zh=Chinese ja=Japanese ko=Korean"
    ).split()
)
_CODE = re.compile(r"([a-z]{2})(?:[-_][A-Za-z]{2})?")


def is_code(text: str) -> bool:
    """Is it written as a code of a language is, with or without a country?"""
    return _CODE.fullmatch(text) is not None


def named(code: str) -> str | None:
    """The language of that code, as people call it; None if it is none that is known."""
    return _NAMES.get(code[:2]) if is_code(code) else None
