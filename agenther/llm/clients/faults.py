"""What an endpoint's refusal means: ask again, give this run up, or stop.

Both clients raise errors of the same family with a status, a code and a body; this is the one table for them.
That no connection came about is told by what the operating system said, and not by any client's words.
"""

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from agenther.errors import ModelError
from agenther.llm.clients.told import Told, retry_after
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
    "context_size",
    "context_length",
    "context limit",
    "prompt is too long",
    "input is too long",
    "too many tokens",
)
"""Many servers give no code for a prompt that is too long, only words. `Guarded` copes with other words than these."""
UNWRITTEN = frozenset({"json_validate_failed"})
"""The endpoint looked at what the model wrote, and it is not as asked for."""
MOST = 1_000
"""Characters of what an endpoint says that are shown."""
BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens")
"""What servers call the length that a request allows its answer."""
BROKEN = frozenset({500, 501})
CERTIFICATES = "SSL_CERT_FILE"
"""The variable that names a file of certificates to trust, as OpenSSL and httpx have it."""
UNSIGNED = frozenset({18, 19, 20, 21})
"""OpenSSL's codes for a certificate that is its own issuer's, or that of nobody known."""
NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})


class TransientError(Exception):
    """A call failed in a way that may pass. `wait` is how many seconds the endpoint asks for, if it does.

    `unreached` is whether nothing can have been sent; `said` is what the body of the error says; `slow` is whether no
    answer came in time, to this call or another.
    """

    def __init__(
        self,
        why: str,
        *,
        wait: float | None = None,
        status: int | None = None,
        unreached: bool = False,
        said: Told | None = None,
        slow: bool = False,
    ) -> None:
        super().__init__(why)
        self.wait = wait
        self.status = status
        self.unreached = unreached
        self.said = said
        self.slow = slow


class UnusableError(ModelError):
    """The endpoint is of no use for now, whatever it is asked."""


class BrokenError(ModelError):
    """The endpoint fails (status 500), each time: it may be down, or not know what to make of what it is asked."""


class RefusedError(ModelError):
    """A request is not taken: for its prompt, or for something that all requests have in common.

    `bound` is whether the endpoint speaks of the length that the request allows its answer.
    """

    def __init__(self, model: str, why: str, said: Told | None = None) -> None:
        super().__init__(model, why)
        self.said = said or Told()

    @property
    def bound(self) -> bool:
        return self.said.param in BOUNDS or any(name in self.said.words for name in BOUNDS)


def meaning(
    model: str, status: int | None, error: Told, headers: Mapping[str, str], key: str = "the API key"
) -> TransientError | ModelError | Completion:
    """What a failed call comes to. A Completion when the endpoint turned down this one prompt only.

    `status` is None when there was no response at all; `key` is what to call the API key in a message.
    """
    said = f": {_shown(error.message)}" if error.message else ""
    if status is not None and 200 <= status < 300:
        status = error.status or status
    if status == 402 or error.code in QUOTA or (status == 429 and _is_long_quota(error)):
        until = "wait for the next one" if status == 429 and error.code not in QUOTA else "add credit"
        return UnusableError(model, f"the account's quota is used up{said}; {until}, then run the same command again")
    if status in {401, 403}:
        return ModelError(model, f"the key is refused (status {status}){said}; check {key}")
    if status == 404:
        return ModelError(model, f"not found (status 404){said}; check the model's name and --base-url")
    return (_turned_down(status, error) if status != 429 else None) or _failed(model, status, error, headers, said)


def _failed(
    model: str, status: int | None, error: Told, headers: Mapping[str, str], said: str
) -> TransientError | ModelError:
    """What a call comes to that was no good in itself, or met an endpoint that was not."""
    if status is None or status in {200, 408, 409, 429} or status >= 500:
        wait = retry_after(headers)
        why = f"status {status}{said}" if status else f"no connection{said}"
        return TransientError(why, wait=error.wait if wait is None else wait, status=status, said=error)
    refused = f"the endpoint refuses the request (status {status}){said}"
    return RefusedError(model, refused, error) if status in {400, 413, 422} else ModelError(model, refused)


def _turned_down(status: int | None, error: Told) -> Completion | None:
    """What an endpoint says of this prompt, or of what the model wrote, and not of how it is asked."""
    if error.code in FILTERED:
        return Completion("", "content_filter")
    if status == 413 or error.code in TOO_LONG or any(words in error.words.lower() for words in TOO_LONG_WORDS):
        return Completion("", "context_length")
    if error.written or error.code in UNWRITTEN:
        return Completion(error.written, "invalid")
    return None


def _is_long_quota(error: Told) -> bool:
    """Does it speak of a quota for a day or longer?"""
    letters = re.sub(r"[^a-z]", "", f"{error.words} {error.details}".lower())
    return "perminute" not in letters and any(word in letters for word in LONG_QUOTA)


def _shown(message: str) -> str:
    """The words of others on one line, whole but where they are a log, and without what a terminal would obey."""
    return "".join(letter for letter in " ".join(message.split())[:MOST] if letter.isprintable())


def unreachable(error: BaseException, where: str) -> str:
    """Why nothing can have been sent to `where`, as the operating system has it; "" when it broke or was slow."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return f"no connection: the name in {where} cannot be found ({cause.strerror})"
        if isinstance(cause, ssl.SSLError) and not hasattr(cause, "reason"):
            continue  # aiohttp's, which is one by name alone; the real one led to it
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"no connection: the certificate of {where} is not trusted ({cause.verify_message}{_mend(cause)})"
        if isinstance(cause, ssl.SSLError):
            return f"no connection: {where} does not speak TLS as it should ({cause.reason}); is it http:// there?"
        if isinstance(cause, ConnectionRefusedError):
            return f"no connection: nothing listens at {where} ({cause.strerror})"
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            return f"no connection: no way leads to {where} ({cause.strerror})"
    return ""


def _mend(error: ssl.SSLCertVerificationError) -> str:
    """What helps where nobody known has signed a certificate."""
    named = os.environ.get(CERTIFICATES, "")
    if named and not Path(named).exists():
        return f"; {CERTIFICATES} names a file that is not there"
    return f"; name the file of who signed it in {CERTIFICATES}" if error.verify_code in UNSIGNED else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the first cause last."""
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
