"""Codes and the names that people use for them: countries, languages and currencies."""

from functools import cache

from babel import Locale


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Other names by code and by name, in lower case; languages first."""
    english = Locale("en")
    found: dict[str, list[str]] = {}
    for table in (english.languages, english.territories, english.currencies):
        for code, name in table.items():
            if code.isalpha():
                found.setdefault(code.casefold(), []).append(name)
                found.setdefault(name.casefold(), []).append(code)
    return {key: tuple(names) for key, names in found.items()}


def others(text: str) -> tuple[str, ...]:
    """What else a code or a name stands for: "de" for German and Germany, France for FR."""
    key = text.strip().casefold()
    return _names().get(key[:2] if len(key) == len("en-us") and key[2] in "-_" else key, ())
