"""What can go wrong, as a tree.

AgentHERError             one line to the user, exit 1; anything else is a bug: within one run it is that run's
│                         rejection, elsewhere it shows its traceback
├─ SettingsError          settings that cannot be meant together         -> before anything is done
├─ ReadError              this record cannot be read                     -> one rejection, the run goes on
├─ AnswerError            the model answered nonsense, also when asked again -> one rejection, raw answer kept
├─ PackageError           what another package brings failed             -> one rejection, or a row left out
├─ ModelError             key, quota, network after retries              -> the run stops; rerun resumes
├─ PendingError           an answer of a batch is not there yet          -> that run waits; rerun carries on
├─ CapError               the money that may be spent is spent           -> the run stops; rerun with more resumes
├─ PromptError            a prompt file is missing or names an unknown variable -> before the first call
├─ StoreError             the run folder is not usable, or belongs to other settings
│  └─ EmptyError          it is sound, and holds nothing to publish
└─ HubError               a dataset on the Hub cannot be written or read   -> there, nothing has changed

Caught in two places: `run/` and `told.py`.
"""

from typing import Any

from agenther.address import without_credentials


class AgentHERError(Exception):
    """Base of all errors that a user can act upon. Its text says what, where, and what to do.

    It may be in somebody else's words, which can hold the URL of a server or a proxy with its password.
    """

    def __str__(self) -> str:
        return without_credentials(super().__str__())

    def __reduce__(self) -> tuple[Any, ...]:
        """Goes to another process as it is, whatever it was made of."""
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type["AgentHERError"], args: tuple[Any, ...]) -> "AgentHERError":
    return kind.__new__(kind, *args)


class SettingsError(AgentHERError):
    """Settings that contradict each other, or that say nothing as they stand together."""


class ReadError(AgentHERError):
    """One record of a log cannot be read. `reason` is a `records.Reason` value."""

    def __init__(self, reason: str, why: str, *, line: int | None = None, key: str = "") -> None:
        super().__init__(why)
        self.reason = reason
        self.line = line
        self.key = key


class AnswerError(AgentHERError):
    """A model's answer did not parse as the object asked for. `raw` is its last answer."""

    def __init__(self, prompt: str, why: str, raw: str) -> None:
        super().__init__(f"{prompt}: {why}")
        self.raw = raw


class PackageError(AgentHERError):
    """What another package brings failed, as a bug of ours would. `which` names it and its package."""

    def __init__(self, which: str, why: str) -> None:
        super().__init__(f"{which} failed: {why}")
        self.which = which


class ModelError(AgentHERError):
    """A model cannot be reached or used: key, quota, unknown name, network."""

    def __init__(self, model: str, why: str) -> None:
        super().__init__(f"{model}: {why}")
        self.model = model
        self.why = why


class PendingError(AgentHERError):
    """Answers are not there yet: that to one request, and then those that a whole run waits for."""


class CapError(AgentHERError):
    """Nothing is left of `--max-cost`, or less than the next call can cost. `paid` is what was paid by now, in USD."""

    def __init__(self, cap: float, paid: float, more: str = "") -> None:
        why = "is used up" if paid >= cap else "would be crossed by the next call"
        super().__init__(
            f"--max-cost {cap:g} {why}: {paid:.4f} USD are paid{more}; what is done is kept, and the same command "
            "with a higher --max-cost carries on"
        )
        self.cap = cap
        self.paid = paid


class PromptError(AgentHERError):
    """A prompt file is missing, or names a variable that nobody gives."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"prompt {name}: {why}")
        self.name = name


class StoreError(AgentHERError):
    """A run folder cannot be used: other settings, another process, not writable."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class EmptyError(StoreError):
    """A run folder, or a set, of which nothing is left to publish."""


class HubError(AgentHERError):
    """A dataset repository cannot be written or read: token, rights, name, network, a lost race."""

    def __init__(self, repo: str, why: str) -> None:
        super().__init__(f"{repo}: {why}")
        self.repo = repo
