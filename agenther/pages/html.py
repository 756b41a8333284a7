"""HTML pages in one file each: their style and script stand in them, and nothing else may run or be fetched.

Text of logs comes in through Jinja's escaping alone. What may run is named by its hash in the page's own policy, so
that a script which got in all the same would not run.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic_core import to_json

HERE = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("agenther.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> Markup:
    """A style sheet or script of ours, as it stands in a page."""
    return Markup((HERE / name).read_text("utf-8"))  # noqa: S704 - a file of ours


def page(template: str, script: str | None = None, *, asks: bool = False, **values: Any) -> str:
    """The page of that template. `script` names the file of ours that runs in it; `asks`: may it ask its server?"""
    code = asset(script) if script else Markup()
    return (
        _environment()
        .get_template(template)
        .render(style=asset("style.css"), script=code, policy=policy(script, asks=asks), **values)
    )


def policy(script: str | None, *, asks: bool = False) -> str:
    """The Content-Security-Policy of such a page."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(asset('style.css'))}",
            f"script-src {_hash(asset(script))}" if script else "script-src 'none'",
            "connect-src 'self'" if asks else "connect-src 'none'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def fragment(template: str, **values: Any) -> Markup:
    """A part of a page, or a picture."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - its values are escaped


def data(found: Any) -> Markup:
    """JSON that stands in a page: no letter of it can end the element that holds it."""
    text = to_json(found).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - as told above


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
