"""What an endpoint's refusal means: ask again, give this run up, or stop.

Both clients raise errors of the same family with a status, a code and a body; this is the one table for them.
That no connection came about is told by what the operating system said, and not by any client's words.
"""

import errno
import json
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from agenther.errors import ModelError
from agenther.llm.model import Completion

QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
LONG_QUOTA = ("perday", "byday", "daily", "permonth", "monthly")
"""Letters in what is said of a quota that no waiting helps; where "per minute" is said too, it may be that one."""
FILTERED = frozenset({"content_filter", "content_policy_violation"})
TOO_LONG = frozenset({"context_length_exceeded", "string_above_max_length"})
TOO_LONG_WORDS = (
    "context length",
    "context window",
    "context size",
    "context limit",
    "prompt is too long",
    "input is too long",
    "too many tokens",
)
"""Many servers give no code for a prompt that is too long, only words. `Guarded` copes with other words than these."""
BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens")
"""What servers call the length that a request allows its answer."""
PERHAPS = "does it know response_format json_schema?"
"""What may be wrong when a model takes no request at all."""
UNKNOWN_WORDS = ("unsupported", "not supported", "unrecognized", "instead")
"""Said of a parameter that a server does not take, whatever its value."""
NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})


class TransientError(Exception):
    """A call failed in a way that may pass. `wait` is how many seconds the endpoint asks for, if it does.

    `unreached` is whether nothing can have been sent.
    """

    def __init__(
        self, why: str, *, wait: float | None = None, status: int | None = None, unreached: bool = False
    ) -> None:
        super().__init__(why)
        self.wait = wait
        self.status = status
        self.unreached = unreached


class UnusableError(ModelError):
    """The endpoint is of no use for now, whatever it is asked."""


class RefusedError(ModelError):
    """A request is not taken: for its prompt, or for something that all requests have in common.

    `bound` is whether the endpoint speaks of the length that the request allows its answer.
    """

    def __init__(self, model: str, why: str, *, bound: bool = False) -> None:
        super().__init__(model, why)
        self.bound = bound


class Told(NamedTuple):
    """What the body of an error says; "" for what it does not."""

    code: str = ""
    message: str = ""
    param: str = ""
    """The parameter at fault."""
    details: str = ""
    """What else there is, as JSON."""

    @property
    def names_bound(self) -> bool:
        """Is the length at fault that the request allows its answer?"""
        return self.param in BOUNDS or any(name in self.message for name in BOUNDS)

    @property
    def is_unknown(self) -> bool:
        """Is the parameter at fault by its name, and not by its value?"""
        return any(word in f"{self.code} {self.message}".lower() for word in UNKNOWN_WORDS)

    @property
    def is_long_quota(self) -> bool:
        """Does it speak of a quota for a day or longer?"""
        letters = re.sub(r"[^a-z]", "", f"{self.code} {self.message} {self.details}".lower())
        return "perminute" not in letters and any(word in letters for word in LONG_QUOTA)


def meaning(
    model: str, status: int | None, error: Told, headers: Mapping[str, str], key: str = "the API key"
) -> TransientError | ModelError | Completion:
    """What a failed call comes to. A Completion when the endpoint turned down this one prompt only.

    `status` is None when there was no response at all; `key` is what to call the API key in a message.
    """
    said = f": {_shown(error.message)}" if error.message else ""
    if error.code in QUOTA or (status == 429 and error.is_long_quota):
        until = "add credit" if error.code in QUOTA else "wait for the next one"
        return UnusableError(model, f"the account's quota is used up{said}; {until}, then run the same command again")
    if status in {400, 413, 422}:
        refused = f"the endpoint refuses the request (status {status}){said}"
        return _refused_prompt(status, error) or RefusedError(model, refused, bound=error.names_bound)
    if status in {401, 403}:
        return ModelError(model, f"the key is refused (status {status}){said}; check {key}")
    if status == 404:
        return ModelError(model, f"not found (status 404){said}; check the model's name and --base-url")
    if status is None or status in {200, 408, 409, 429} or status >= 500:
        why = f"status {status}{said}" if status else f"no connection{said}"
        return TransientError(why, wait=retry_after(headers), status=status)
    return ModelError(model, f"the endpoint refuses the request (status {status}){said}")


def _refused_prompt(status: int, error: Told) -> Completion | None:
    if error.code in FILTERED:
        return Completion("", "content_filter")
    if status == 413 or error.code in TOO_LONG or any(words in error.message.lower() for words in TOO_LONG_WORDS):
        return Completion("", "context_length")
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the headers tell, in either form of Retry-After; None if they do not."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def told(body: Any) -> Told:
    """What an error's body says, which may have any shape."""
    if isinstance(body, list) and len(body) == 1:  # as Google has it
        body = body[0]
    if isinstance(body, dict) and isinstance(body.get("error"), dict | str):
        body = body["error"]
    if not isinstance(body, dict):
        return Told(message=body if isinstance(body, str) else "")
    code = body.get("code") if isinstance(body.get("code"), str) else body.get("type")
    details = json.dumps(body["details"], default=str) if "details" in body else ""
    return Told(_text(code), _text(body.get("message")), _text(body.get("param")), details)


def _shown(message: str) -> str:
    """The words of others on one line, not too long, and without what a terminal would obey."""
    return "".join(letter for letter in " ".join(message.split())[:300] if letter.isprintable())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def unreachable(error: BaseException, where: str) -> str:
    """Why nothing can have been sent to `where`, as the operating system has it; "" when it broke or was slow."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return f"no connection: the name in {where} cannot be found ({cause.strerror})"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"no connection: the certificate of {where} is not trusted ({cause.verify_message})"
        if isinstance(cause, ConnectionRefusedError):
            return f"no connection: nothing listens at {where} ({cause.strerror})"
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            return f"no connection: no way leads to {where} ({cause.strerror})"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the first cause last."""
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
