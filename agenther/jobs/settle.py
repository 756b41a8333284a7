"""One run, whatever happens to it: what it came to, or the one reason why it came to nothing."""

import traceback
from pathlib import Path

from agenther.address import without_credentials
from agenther.errors import AgentHERError, AnswerError, PackageError
from agenther.ladder import LAST, STAGES
from agenther.pipeline import Crew, Only, process, reject
from agenther.readers.json_text import clean
from agenther.records import Reason, Rejection, Result, Sample, Trajectory
from agenther.store.journal import MadeWith
from agenther.tally.ledger import billed

FRAMES = 20
"""Of a bug's traceback, the last so many are kept."""
MOST = 500
"""Characters of what an exception says for itself."""


async def settle(crew: Crew, made: MadeWith, trajectory: Trajectory, only: Only | None = None) -> Result:
    """What one run comes to. An answer that cannot be used, also when asked for again, ends it with a rejection.

    So does a bug, ours or that of a package, which must not cost thousands of other runs; errors that the user can act
    upon are raised.
    """
    stages = [only.before if only else Result(run_id=trajectory.id)]
    with billed() as bill:
        try:
            result = await process(trajectory, crew, made.settings, stages.append, only)
        except AnswerError as error:
            stage = _reached(crew, stages[-1])
            rejection = reject(trajectory, stage, Reason.BAD_ANSWER, clean(str(error)), clean(error.raw))
            result = stages[-1].model_copy(update={"rejection": rejection})
        except PackageError as error:
            raw = _trace(error.__cause__ or error)
            rejection = reject(trajectory, _reached(crew, stages[-1]), Reason.PACKAGE, clean(str(error)), raw)
            result = stages[-1].model_copy(update={"rejection": rejection})
        except AgentHERError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug may be anything; here, and only here, it costs one run
            result = stages[-1].model_copy(update={"rejection": _bug(crew, trajectory, stages[-1], error)})
    by = {"prompts": made.prompts, "gate": made.settings.gate.name if made.settings.gate else ""}
    records = (record.model_copy(update=by) if isinstance(record, Sample) else record for record in result.made)
    return result.model_copy(update={"made": tuple(records), "spent": bill.entries(trajectory.id)})


def _bug(crew: Crew, trajectory: Trajectory, reached: Result, error: Exception) -> Rejection:
    """The rejection of a run that met a bug. `raw` tells where, for a report."""
    raw = _trace(error)
    *_, frame, what = raw.splitlines()
    return reject(
        trajectory,
        _reached(crew, reached),
        Reason.INTERNAL,
        f"{what} (at {frame}); this is a bug, please report it",
        raw,
    )


def _trace(error: BaseException) -> str:
    """Where it was raised, without paths of this machine, and in the last line what."""
    frames = [_place(frame) for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]]
    said = " ".join(without_credentials(str(error)).split())[:MOST]
    return clean("\n".join([*frames, f"{type(error).__name__}: {said}"]))


def _reached(crew: Crew, result: Result) -> str:
    """The stage that was in work."""
    return next((name for name in crew.stages if not result.all(STAGES[name].record)), LAST)


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    return f"{path.parent.name}/{path.name}:{frame.lineno} in {frame.name}"
