"""Scoring a WebArena run offline, as WebArena's own evaluators do, where the log alone decides.

`string_match` by exact_match and must_include, and `url_match`, can be computed from the answer and the
last address. What asks a model (fuzzy_match) or the live page (program_html) stays open, unless
another part has failed already: WebArena multiplies the parts.
"""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

from agenther.records import Label

OR = " |OR| "
TOKEN_ENDS = re.compile(r"([;@#$%&?!\[\](){}<>\"“”]|[:,](?!\d)|\.\.\.|--)")
"""Where the tokenizer that WebArena uses parts words; a comma or colon within a number does not."""


def score(check: Any, answer: str | None, url: str | None, *, visual: bool = False) -> Label:
    """The label that WebArena would give, as far as it can be computed; unknown otherwise.

    `check` is the task's `eval` object. `answer` is None when the run never answered, `url` when the
    last page is not known. VisualWebArena (`visual`) differs in its rules for words and addresses.
    """
    if not isinstance(check, dict) or not isinstance(check.get("eval_types"), list):
        return Label()
    kinds = [str(kind) for kind in check["eval_types"]]
    parts: dict[str, float | None] = {}
    for kind in kinds:
        if kind == "string_match":
            parts[kind] = 0.0 if answer is None else _string(check.get("reference_answers"), answer, visual=visual)
        elif kind == "url_match":
            parts[kind] = None if not url else _address(check, url, visual=visual)
        else:
            parts[kind] = None
    failed = [kind for kind, part in parts.items() if part == 0]
    if "string_match" in failed and answer is None:
        return Label(success=False, source="no answer", score=0)
    if failed:
        return Label(success=False, source=f"offline {failed[0]}", score=0)
    if not parts or None in parts.values():
        return Label()
    return Label(success=True, source=f"offline {'+'.join(parts)}", score=1)


def clean(answer: str) -> str:
    """The answer in lower case, without space and one pair of quotes around it."""
    answer = answer.strip()
    for quote in "'\"":
        if answer.startswith(quote) and answer.endswith(quote):
            return answer[1:-1].lower()
    return answer.lower()


def _string(references: Any, answer: str, *, visual: bool) -> float | None:
    if not isinstance(references, dict) or not references:
        return None
    answer = clean(clean(answer))  # WebArena's evaluators take the quotes off twice
    words = frozenset(tokens(answer))
    parts: list[float | None] = []
    for approach, value in references.items():
        if approach == "exact_match" and isinstance(value, str):
            parts.append(float(answer == clean(value)))
        elif approach == "must_include" and isinstance(value, list):
            alone = len(value) == 1
            parts += [_includes(answer, words, str(one), alone=alone, visual=visual) for one in value]
        elif approach == "fuzzy_match" and value == "N/A":
            if answer != "n/a":
                return None  # a model compares the reasons, and its verdict replaces all others
            parts.append(1.0)
        else:
            parts.append(None)
    return _product(parts)


def _product(parts: list[float | None]) -> float | None:
    if 0 in parts:
        return 0.0
    return None if None in parts else 1.0


def _includes(answer: str, words: frozenset[str], wanted: str, *, alone: bool, visual: bool) -> float:
    """Does the answer hold what is wanted? A single word (in WebArena: a lone character) must be one of its words."""
    for choice in map(clean, wanted.split(OR)):
        as_word = len(tokens(choice)) == 1 if visual else alone and len(choice) == 1
        if choice in (words if as_word else answer):
            return 1.0
    return 0.0


def tokens(text: str) -> list[str]:
    """Words, numbers and marks, near enough to NLTK's tokenizer for whole-word search."""
    words = []
    for word in TOKEN_ENDS.sub(r" \1 ", text).split():
        bare = word.strip("'’").rstrip(".")
        words.append(bare or word)
    return words


def _address(check: dict[str, Any], url: str, *, visual: bool) -> float | None:
    wanted = check.get("reference_url")
    rule = check.get("url_note") or ("EXACT" if visual else "GOLD in PRED")
    if not isinstance(wanted, str) or not wanted or wanted.startswith("__"):
        return None  # `__GITLAB__/...`: the site's address was never filled in
    choices = [choice.rstrip("/") for choice in wanted.split(OR)]
    url = url.rstrip("/")
    if rule == "EXACT":
        return float(url in choices)
    if rule != "GOLD in PRED":
        return None
    if visual:
        return float(any(choice in url for choice in choices))
    try:
        return _gold_in_pred(choices, url)
    except ValueError:
        return None  # no address at all, such as http://[


def _gold_in_pred(choices: list[str], url: str) -> float:
    """Some wanted host and path occurs in the address, and so does one value of every wanted parameter."""
    base, query = _split(url)
    wanted: dict[str, set[str]] = {}
    bases = []
    for choice in choices:
        wanted_base, parameters = _split(choice)
        bases.append(wanted_base)
        for name, values in parameters.items():
            wanted.setdefault(name, set()).update(values)
    has_values = all(values.intersection(query.get(name, [])) for name, values in wanted.items())
    return float(has_values and any(wanted_base in base for wanted_base in bases))


def _split(url: str) -> tuple[str, dict[str, list[str]]]:
    parsed = urlparse(url)
    return (parsed.netloc + parsed.path).rstrip("/"), parse_qs(parsed.query)
