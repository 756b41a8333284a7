"""A run in waves: each start of the program takes in the answers, goes as far as they lead, and asks what is next."""

from collections.abc import Callable
from pathlib import Path

from agenther.errors import CapError, PendingError, StoreError
from agenther.llm.batch.box import Box
from agenther.llm.batch.courier import Courier, under_way
from agenther.llm.batch.model import Batched
from agenther.llm.clients.manner import Manners
from agenther.llm.money.purse import Purse

FOLDER = "batch"
"""In the run folder: where the batch API is spoken to from."""


def refuse_pending(out: Path) -> None:
    """Raises StoreError when batches of the run in this folder are still to be collected: asked one call at a time,
    the same would be paid for twice.
    """
    if pending := under_way(out / FOLDER):
        batches = "one batch is" if pending == 1 else f"{pending} batches are"
        raise StoreError(out, f"{batches} under way for the run in it; the same command with --batch collects them")


class Waves:
    """What is asked in batches. `folder` lies between a run and whoever answers; None: in the run folder, and OpenAI's
    batch API answers.
    """

    def __init__(self, folder: Path | None, purse: Purse, courier: Callable[[Box], Courier]) -> None:
        self.box = Box(folder or Path())
        self.courier = None if folder else courier(self.box)
        self.purse = purse
        self.tell: Callable[[str], None] = lambda _line: None
        """Told in a line what is odd in files of answers."""

    def model(self, name: str, base_url: str | None, copy: int, manners: Manners) -> Batched:
        """The model, asked in batches; `copy` tells which of its name. Raises ModelError when it has no batch API."""
        if self.courier:
            self.courier.connect(name, base_url)
        return Batched(name, base_url or "", self.box, self.purse, copy, manners)

    def open(self, out: Path) -> None:
        """Names the run folder, before anything else is done. Raises StoreError as `refuse_pending` does."""
        if self.courier:
            self.box.folder = out / FOLDER
        else:
            refuse_pending(out)

    def forget_unusable(self) -> None:
        """Answers that are of no use are asked for once more."""
        self.box.again = True

    async def begin(self) -> None:
        """Takes in the answers that have come."""
        self.box.read(await self.courier.collect() if self.courier else frozenset())
        for name, odd in self.box.odd.items():
            lines = ", ".join(f"{what} ({count})" for what, count in odd.items())
            self.tell(f"{self.box.folder / name}: lines of no use: {lines}; what has no answer is asked for again")

    async def send(self) -> PendingError:
        """Sends what was noted, as far as the money goes. Tells what the run waits for.

        Raises CapError when that is more money, and nothing else.
        """
        left = self._held_back()
        awaited = f"answers awaited: {len(self.box.owed)}{left}"
        sealed = self.box.seal()
        if self.courier:
            await self.courier.deliver(sealed)
            return PendingError(f"{awaited}; {self.courier.told()}; the same command collects them and goes on")
        new = ", ".join(f"{path} ({model})" for path, model, _ in sealed)
        return PendingError(
            f"{awaited}; new: {new or 'nothing'}; put them into {self.box.folder} as responses-*.jsonl, "
            "and run the same command again"
        )

    def _held_back(self) -> str:
        """Forgets those of the new requests that could cross the cap, and tells of them; empty if there are none."""
        cap, owed = self.purse.cap, self.box.owed
        if cap is None:
            return ""
        room = cap - self.purse.paid - sum(usd for mark, usd in owed.items() if mark not in self.box.noted)
        left: dict[str, float] = {}
        for mark in [mark for mark in owed if mark in self.box.noted]:
            if owed[mark] and owed[mark] > room:
                left[mark] = owed[mark]
            else:
                room -= owed[mark]
        if not left:
            return ""
        more = f"{len(left)} requests that can cost {sum(left.values()):.4f} USD"
        if len(left) == len(owed):
            raise CapError(cap, self.purse.paid, f", due are {more}")
        self.box.keep(owed.keys() - left.keys())
        return f"; {more} wait for what those really cost, or for a --max-cost higher than {cap:g}"

    async def aclose(self) -> None:
        """Forgets what was noted and not sent, and gives back connections."""
        self.box.drop()
        if self.courier:
            await self.courier.aclose()
