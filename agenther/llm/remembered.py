"""In which manner each model is asked at its endpoint, as far as it differs from the best: kept beside the answers.

    {"m at http://localhost:8000/v1": {"response_format": "json_object"}}

What is lost of it is found out again.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from agenther.files import writing
from agenther.llm.clients.manner import FORMS, Manners


def place(cache: Path) -> Path:
    """The file beside that of the answers."""
    return cache.with_name(f"{cache.name}.manners.json")


def recalled(path: Path, model: str, endpoint: str) -> dict[str, str]:
    """What is known of a model."""
    known = _all(path).get(_name(model, endpoint))
    return dict(_forms(known)) if isinstance(known, dict) else {}


def keep(path: Path, model: str, endpoint: str, manners: Manners) -> None:
    """Writes down what is known of a model now. That it cannot be written down is no harm."""
    differs = {part: form for part, form in manners.known.items() if form != manners.forms(part)[0]}
    with suppress(OSError), writing(path) as (file,):
        file.write(json.dumps({**_all(path), _name(model, endpoint): differs}, indent=1).encode())


def _forms(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part, form in known.items():
        if part in FORMS and form in FORMS[part]:
            yield part, form


def _name(model: str, endpoint: str) -> str:
    return f"{model} at {endpoint}" if endpoint else model


def _all(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
