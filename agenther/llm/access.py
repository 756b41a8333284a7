"""How a run gets at its models: what they share, and the layers that each is wrapped in.

Cached      was it answered before?          one file for all runs
 Whole      was all of it read?
  Guarded   dead, or only this prompt?       one for each model
   Roomy    room for the answer              as its stage needs, and as the model is seen to think
   Patient  asks again, with less where it was slow
    Admitted  limits, time, money            one gate for each model at its endpoint, one purse for all
     Shorter  less room for the answer, where that is needed
      client  openai, or litellm

In batches, what is below `Cached` is a `Batched`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from agenther.llm import remembered
from agenther.llm.batch import Box, Courier, Waves
from agenther.llm.clients.by_name import is_scripted, make_model
from agenther.llm.clients.keys import Keys
from agenther.llm.clients.manner import FORMS, STRUCTURED, UNBOUNDED, Manners, described
from agenther.llm.clients.scripted import in_order
from agenther.llm.layers.cache import Cache, default_path
from agenther.llm.layers.cached import Cached
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.guard import Guarded
from agenther.llm.layers.patience import Patience, Silence, Wait, nobody
from agenther.llm.layers.retry import Patient
from agenther.llm.layers.room import Roomy
from agenther.llm.layers.shorter import Shorter
from agenther.llm.layers.whole import Whole
from agenther.llm.model import Manner, Model
from agenther.llm.money.prices import is_local, longest, prices
from agenther.llm.money.purse import Purse
from agenther.settings import Endpoint, Means, Price
from agenther.tally.ledger import Account, Ledger
from agenther.tally.meter import Meter


class Access:
    """The models at `endpoints`, as `means` allow.

    `base_url` is the one endpoint that is shown OpenAI's key, beside OpenAI's own. Raises ModelError for a price that
    is not known, and StoreError when the cache cannot be used.
    """

    def __init__(self, endpoints: tuple[Endpoint, ...], means: Means, concurrency: int, base_url: str | None) -> None:
        real = [endpoint for endpoint in endpoints if not is_scripted(endpoint.model)]
        asked = list(dict.fromkeys(endpoint.model for endpoint in real))
        self.asked = frozenset(asked)
        self.means = means
        self.concurrency = concurrency
        capped = means.max_cost is not None
        known = prices(real, means.prices, allow_unknown=means.allow_unknown_cost, capped=capped)
        self.prices: Mapping[str, Price] = {name: known[name].halved() for name in known} if means.batch else known
        here = self.asked - {model for model, address in real if not is_local(address)}
        self.free = frozenset(name for name in here if known[name] == Price())
        """Models that are asked at local endpoints alone, and cost nothing."""
        self.proxied = here - self.free - means.prices.keys()
        """Those of them that count at the price of their provider all the same."""
        self.purse = Purse(self.prices, means.max_cost, longest(asked) if capped else {})
        self.cache = Cache(Path(means.cache) if means.cache else default_path()) if asked else None
        self.models: dict[tuple[str, str, int], Model] = {}
        folder = Path(means.batch_dir) if means.batch_dir else None
        self.keys = Keys(base_url, means.keys, means.addresses)
        self.tell_wait: Callable[[Wait], None] = nobody
        """Told of each wait for an endpoint that failed; it must not block."""
        self.tell: Callable[[str], None] = nobody
        """Told in a line of what is found out about an endpoint."""
        self.recalled: list[str] = []
        """What was found out before, a line each."""
        self.tell_silence: Callable[[Silence], None] = nobody
        """The same of each that has not answered yet."""
        self.meter = Meter()
        self.waves = Waves(folder, self.purse, self._courier) if folder or means.batch else None
        """None when models are asked one call at a time."""
        if self.waves:
            self.waves.tell = self._say

    def model(self, name: str, base_url: str | None = None, copy: int = 1) -> Model:
        """The model, ready to be asked; the same object for the same model at the same endpoint.

        `copy` tells which one it is of the judges of this name.
        """
        where = (name, base_url or "", copy)
        if where not in self.models:
            self.models[where] = self._made(name, base_url, copy)
        return self.models[where]

    def _made(self, name: str, base_url: str | None, copy: int) -> Model:
        if self.cache is None or is_scripted(name):
            return make_model(name)
        if self.means.dry:
            return in_order((), name)
        manners = self._manners(name, base_url)
        if self.waves:
            client: Model = self.waves.model(name, base_url, copy, manners)
        else:
            client = self._guarded(name, base_url, manners)
        return Cached(client, self.cache, base_url or "", copy, self.prices.get(name), self.meter)

    def _manners(self, name: str, base_url: str | None) -> Manners:
        """What is known of how the model is to be asked; what is found out is told, and kept for the next start."""
        assert self.cache
        path, where = remembered.place(self.cache.path), (name, base_url or "")
        allowed: dict[str, tuple[str, ...]] = {}
        if self.means.answers != "auto":
            allowed[STRUCTURED] = (self.means.answers,)
        elif self.waves or not base_url:
            allowed[STRUCTURED] = UNBOUNDED
        if self.means.max_cost is not None:
            allowed["max_tokens"] = ("max_tokens", "max_completion_tokens")  # else no cap could be kept
        known = {
            part: form
            for part, form in remembered.recalled(path, *where).items()
            if form in allowed.get(part, FORMS[part])
        }
        manners = Manners(allowed, known)
        if known and (told := described(manners.known)):
            again = "" if self.means.answers != "auto" else f" (--answers, or without {path}, tries others)"
            self.recalled.append(f"{name} is asked {told}, as was found out before{again}")

        def learnt(manner: Manner, why: str) -> None:
            remembered.keep(path, *where, manners)
            if told := described(manner):
                self.tell(f"{name} is asked {told} from now on; {why}")

        manners.tell = learnt
        return manners

    def _guarded(self, name: str, base_url: str | None, manners: Manners) -> Model:
        patience = Patience(self.means.patience, self._tell, self._tell_silence)
        gate = Gate(self.concurrency, self.means.rpm, self.means.tpm, patience=patience)
        client = Shorter(make_model(name, base_url, self.keys, self.means.timeout, manners))
        guarded = Guarded(Roomy(Patient(Admitted(client, gate, self.purse, self.means.timeout), gate=gate)), manners)
        return Whole(guarded, self._say)

    def _courier(self, box: Box) -> Courier:
        return Courier(box, self.keys, Gate(1, patience=Patience(self.means.patience, self._tell)), self.means.timeout)

    def _say(self, line: str) -> None:
        self.tell(line)

    def _tell(self, wait: Wait) -> None:
        self.tell_wait(wait)

    def _tell_silence(self, silence: Silence) -> None:
        self.tell_silence(silence)

    def open(self, book: Path, before: Ledger | None = None) -> None:
        """Before the first call: counts what was paid before, and sees that the cache can be used.

        `before` is the ledger of a finished run that is carried on with. What it has no cost for is counted at the
        prices of today.
        """
        if self.cache:
            self.cache.check()
        for line in self.recalled:
            self.tell(line)
        if before and not book.exists():
            self.purse.paid += sum(map(self._cost, before.accounts))
        self.purse.open(book)

    def _cost(self, account: Account) -> float:
        if account.usd is not None:
            return account.usd
        price = self.prices.get(account.model, Price())
        return price.usd(prompt=account.prompt, cached=account.cached, completion=account.completion)

    def forget_unusable(self) -> None:
        """Makes room for better answers where those that are kept are of no use."""
        for name in self.asked:
            if self.cache:
                self.cache.forget_unusable(name)
        if self.waves:
            self.waves.forget_unusable()

    @property
    def strangers(self) -> tuple[str, ...]:
        """Models for which a price is given, and which are not asked."""
        return tuple(sorted(self.means.prices.keys() - self.asked))

    @property
    def paid_now(self) -> float | None:
        """USD that this start has paid; None when a price is not known."""
        return self.purse.paid_now if self.prices.keys() >= self.asked else None

    @property
    def at_once(self) -> int:
        """How many runs may be in work: some more than calls under way, since each has moments without a call."""
        return max(1, len(self.models)) * (self.concurrency + self.concurrency // 8 + 1)

    async def aclose(self) -> None:
        """Gives back connections and files."""
        for model in self.models.values():
            await model.aclose()
        if self.waves:
            await self.waves.aclose()
        self.purse.put_away()
        if self.cache:
            self.cache.close()
