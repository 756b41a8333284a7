"""How we speak with the Hub: silently, patiently, and with one line about what went wrong."""

# ruff: noqa: PLC0415 - huggingface_hub costs time to import

import logging
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from agenther.address import hide
from agenther.errors import HubError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")
DATASET = "dataset"
"""The type of every repository that we speak about."""
TOKENS = "https://huggingface.co/settings/tokens"
RACE = "somebody else changed it while this push was being made; nothing was written. Look at it, then push again"
LONGEST = 300
"""Characters of somebody else's words in a message."""
MAY_PASS = {408, 425, 429, 500, 502, 503, 504}
WHY = {
    401: f"the Hub does not accept the token, or there is none; set HF_TOKEN to one of its owner's ({TOKENS})",
    402: "the Hub asks for payment before it takes this; the account that owns it has used up what it may store",
    403: f"the token may not do this; set HF_TOKEN to one with the right to write to its owner's datasets ({TOKENS})",
    404: "there is no such dataset, owner or revision, or the token may not see it; are all names right?",
    409: RACE,
    412: RACE,
    413: "the Hub finds it too large for one commit",
    429: "the Hub asks for fewer requests, also after waiting; try again later",
}


@dataclass(frozen=True)
class Patience:
    """How long to go on with what may pass: a busy Hub, a broken connection or upload."""

    attempts: int = 5
    pause: float = 1
    """Seconds before the second attempt, unless the Hub asks for more; doubled each time, with jitter."""
    longest: float = 300
    """Seconds; the Hub's own limits are counted over five minutes."""

    def wait(self, state: RetryCallState) -> float:
        asked = _asked(state.outcome.exception() if state.outcome else None)
        backoff = wait_exponential(multiplier=self.pause, max=self.longest) + wait_random(0, self.pause)
        return min(max(asked, backoff(state)), self.longest)


PATIENCE = Patience()


@dataclass(frozen=True)
class Connection:
    """The Hub, for what is done with one repository."""

    repo: str
    api: "HfApi"
    patience: Patience

    def do(self, work: Callable[["HfApi"], T]) -> T:
        """What `work` gives, in the end. Raises HubError for what the Hub refuses, and what does not pass."""
        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self.patience.attempts),
            wait=self.patience.wait,
            reraise=True,
        )
        try:
            return retrying(work, self.api)
        except (_network(), OSError, RuntimeError, ValueError) as error:
            raise HubError(self.repo, hide(_why(error))) from error


@contextmanager
def connected(repo: str, token: str | None, endpoint: str | None, patience: Patience) -> Iterator[Connection]:
    """A connection, and silence: no words of others on the screen, no progress bars where nobody watches.

    No telemetry either, for which huggingface_hub would ask its own Hub whatever the endpoint. The environment is of
    no use here: it is read once, and somebody else may have imported the package by now.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    log = logging.getLogger("huggingface_hub")
    level, had_bars = log.level, not are_progress_bars_disabled()
    telemetry_is_off, constants.HF_HUB_DISABLE_TELEMETRY = constants.HF_HUB_DISABLE_TELEMETRY, True
    log.setLevel(logging.CRITICAL)
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield Connection(repo, HfApi(endpoint=endpoint, token=token, library_name="agenther"), patience)
    finally:
        constants.HF_HUB_DISABLE_TELEMETRY = telemetry_is_off
        log.setLevel(level)
        if had_bars:
            enable_progress_bars()


def _network() -> type[Exception]:
    """Base of what the HTTP client raises: httpx's in version 1 of huggingface_hub, httpx2's in version 2."""
    from huggingface_hub.errors import HfHubHTTPError

    return HfHubHTTPError.__bases__[0]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _response(error: BaseException | None) -> Any:
    """The Hub's answer that made the error; None when there was none."""
    answers = (getattr(cause, "response", None) for cause in _chain(error))
    return next((answer for answer in answers if answer is not None), None)


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, RuntimeError):  # a file did not arrive; each attempt asks for new places to put it
        return error.__cause__ is not None
    response = _response(error)
    if response is not None:
        return response.status_code in MAY_PASS
    return any(isinstance(cause, _network()) for cause in _chain(error))


def _asked(error: BaseException | None) -> float:
    """Seconds that the Hub asks to wait, in any of the ways in which it may; 0 if it does not."""
    response = _response(error)
    headers = {} if response is None else response.headers
    if limit := re.search(r"\br=0;t=(\d{1,6})", headers.get("ratelimit", "").replace(" ", "")):
        return float(limit[1])
    after = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,6}", after):
        return float(after)
    try:
        return parsedate_to_datetime(after).timestamp() - time.time()
    except ValueError:
        return 0


def _why(error: BaseException) -> str:
    response, own = _response(error), _one_line(error)
    if response is None and any(isinstance(cause, _network()) for cause in _chain(error)):
        return f"the Hub cannot be reached ({own}); is the network up?"
    if response is None:
        return own
    answers = f"the Hub answers {response.status_code}"
    why = f"{own} {answers}" if isinstance(error, RuntimeError) else WHY.get(response.status_code, answers)
    words = filter(None, (getattr(cause, "server_message", None) for cause in _chain(error)))
    return f"{why} (it says: {_one_line(said)})" if (said := next(words, None)) else why


def _one_line(words: object) -> str:
    return " ".join(str(words).split())[:LONGEST]
