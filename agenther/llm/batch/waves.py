"""A run in waves: each start of the program takes in the answers, goes as far as they lead, and asks what is next."""

from pathlib import Path

from agenther.errors import CapError, PendingError
from agenther.llm.batch.box import Box
from agenther.llm.batch.courier import Courier
from agenther.llm.batch.model import Batched
from agenther.llm.keys import Keys
from agenther.llm.purse import Purse


class Waves:
    """What is asked in batches. `folder` lies between a run and whoever answers; None: in the run folder, and OpenAI's
    batch API answers.
    """

    def __init__(self, folder: Path | None, purse: Purse, keys: Keys) -> None:
        self.box = Box(folder or Path())
        self.courier = None if folder else Courier(self.box, keys)
        self.purse = purse

    def model(self, name: str, base_url: str | None) -> Batched:
        """The model, asked in batches. Raises ModelError when it has no batch API."""
        if self.courier:
            self.courier.connect(name, base_url)
        return Batched(name, base_url or "", self.box, self.purse)

    def open(self, out: Path) -> None:
        """Names the run folder, before anything else is done."""
        if self.courier:
            self.box.folder = out / "batch"

    async def begin(self) -> None:
        """Takes in the answers that have come."""
        self.box.read(await self.courier.collect() if self.courier else frozenset())

    async def send(self) -> PendingError:
        """Sends what was noted. Tells what the run waits for. Raises CapError when that could cost too much."""
        owed, cap = sum(self.box.owed.values()), self.purse.cap
        if cap is not None and self.purse.paid + owed > cap:
            self.box.drop()
            raise CapError(cap, self.purse.paid, f", the {len(self.box.owed)} requests now due can cost {owed:.4f} USD")
        sealed = self.box.seal()
        awaited = f"answers awaited: {len(self.box.owed)}"
        if self.courier:
            await self.courier.deliver(sealed)
            return PendingError(f"{awaited}; {self.courier.told()}; the same command collects them and goes on")
        new = ", ".join(f"{path} ({model})" for path, model, _ in sealed)
        return PendingError(
            f"{awaited}; new: {new or 'nothing'}; put them into {self.box.folder} as responses-*.jsonl, "
            "and run the same command again"
        )

    async def aclose(self) -> None:
        """Forgets what was noted and not sent, and gives back connections."""
        self.box.drop()
        if self.courier:
            await self.courier.aclose()
