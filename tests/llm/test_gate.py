"""How many calls are let in, and when."""

import asyncio
import time

import pytest
from server import Server, fails, hang, says

from agenther.address import address
from agenther.errors import CapError, ModelError
from agenther.llm.clients.faults import TransientError, UnusableError
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.layers.gate import FIRST, Admitted, Bucket, Entry, Gate
from agenther.llm.layers.patience import Patience
from agenther.llm.layers.retry import Patient
from agenther.llm.model import Completion, Message, Request
from agenther.llm.money.purse import Purse

REQUEST = Request((Message("user", "Hello"),))


class Busy:
    """Answers after `seconds`, unless it has more than `room` calls; knows when it was asked."""

    name = "busy"

    def __init__(self, seconds=0.02, room=1000, wait=None, status=429):
        self.seconds, self.room, self.wait, self.status = seconds, room, wait, status
        self.now = self.most = self.refused = 0
        self.times = []

    async def complete(self, _request):
        self.times.append(time.monotonic())
        if self.now >= self.room:
            self.refused += 1
            raise TransientError("slow down", status=self.status, wait=self.wait)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        return Completion("{}", raw="{}")

    async def aclose(self): ...


def storm(model, calls, gate, **options):
    """Asks so many times at once, each until it is answered."""

    async def together():
        patient = Patient(Admitted(model, gate, Purse({})), gate=gate, pause=0.001, **options)
        try:
            return await asyncio.gather(*(patient.complete(REQUEST) for _ in range(calls)))
        finally:
            await patient.aclose()

    return asyncio.run(together())


def wide(most, **limits):
    """A gate whose first calls were answered."""
    gate = Gate(most=most, **limits)
    gate.limit = float(most)
    return gate


def test_no_more_at_a_time_than_allowed():
    model = Busy()
    storm(model, 50, Gate(most=7))
    assert model.most == 7


def test_a_place_is_taken_as_soon_as_it_is_free():
    model = Busy(0.05)
    before = time.monotonic()
    storm(model, 40, Gate(most=10))
    assert time.monotonic() - before < 4 * 0.05 * 1.5


@pytest.mark.parametrize("status", [429, 503, 529])
def test_an_overloaded_endpoint_is_asked_less_and_all_are_answered(status):
    model, gate = Busy(room=8, status=status), Gate(most=64, pause=0.02)
    assert len(storm(model, 300, gate)) == 300
    assert model.refused < 150, "else that is a storm"
    assert gate.limit < 64


@pytest.mark.parametrize("most", [1, 3, 64])
def test_a_few_are_let_in_before_one_was_answered(most):
    model = Busy(0.2)
    gate = Gate(most=most)

    async def begun():
        admitted = Admitted(model, gate, Purse({}))
        tasks = [asyncio.create_task(admitted.complete(REQUEST)) for _ in range(20)]
        await asyncio.sleep(0.1)
        return model.most, [task.cancel() for task in tasks]

    assert asyncio.run(begun())[0] == min(most, FIRST)


@pytest.mark.parametrize(
    ("answered", "inside", "seconds", "limit"),
    [
        pytest.param(FIRST - 1, 4, 1, FIRST, id="too few to know"),
        pytest.param(FIRST, 4, 0, 64, id="at once"),
        pytest.param(FIRST, 4, 1, 64, id="quick: as many as may be"),
        pytest.param(FIRST, 4, 60, 10, id="one at a time, 15 s each: what takes half of the timeout"),
        pytest.param(FIRST, 1, 15, 10, id="the same of one that came alone"),
        pytest.param(FIRST, 20, 60, 50, id="many at a time"),
        pytest.param(FIRST, 4, 290, FIRST, id="nearly too slow: step by step"),
    ],
)
def test_then_as_many_as_are_answered_in_half_of_the_time(monkeypatch, answered, inside, seconds, limit):
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    gate = Gate(most=64)
    gate.answered = answered
    gate.paced(Entry(1000.0 - seconds, inside), timeout=300)
    assert gate.limit == limit


def test_after_it_was_overloaded_it_grows_step_by_step():
    gate = Gate(most=64)
    gate.overloaded(time.monotonic(), 0)
    gate.answered = FIRST
    gate.paced(Entry(time.monotonic() - 1, 4), timeout=300)
    assert gate.limit == FIRST / 2


def test_a_server_that_takes_many_gets_them_after_one_round():
    model = Busy(0.1)
    before = time.monotonic()
    storm(model, 4 + 5 * 64, Gate(most=64))
    assert model.most == 64
    assert time.monotonic() - before < 6 * 0.1 * 2


def test_one_burst_halves_once():
    gate = wide(64, pause=0)
    now = time.monotonic()
    for _ in range(10):
        gate.overloaded(now, None)
    assert gate.limit == 32
    gate.overloaded(time.monotonic() + 1, None)
    assert gate.limit == 16


def test_it_grows_again():
    gate = wide(64)
    gate.overloaded(time.monotonic(), 0)
    for _ in range(400):
        gate.well()
    assert gate.limit == 64


def test_other_failures_close_nothing():
    model, gate = Busy(room=0, status=500), wide(8)
    with pytest.raises(ModelError):
        storm(model, 1, gate, attempts=2)
    assert gate.limit == 8
    assert gate.closed_until == 0


def test_retry_after_holds_for_all_who_ask():
    model, gate = Busy(0.001, room=1, wait=0.4), Gate(most=4)
    storm(model, 12, gate)
    first = next(n for n, moment in enumerate(model.times) if moment - model.times[0] > 0.1)
    assert first <= 4, "those that were under way"
    assert model.times[first] - model.times[0] >= 0.4


def test_retry_after_holds_for_all_over_a_real_socket():
    turned_away = fails(429, "slow down", headers={"Retry-After": "0.5"})
    with Server(turned_away, turned_away, turned_away, says("hello")) as server:
        client = OpenAIClient("m", address(server.url), api_key="k")
        timed = Timed(client)
        assert len(storm(timed, 9, Gate(most=3))) == 9
    assert max(timed.times[:3]) - timed.times[0] < 0.3
    assert min(timed.times[3:]) - timed.times[0] >= 0.5


class Timed:
    name = "m"

    def __init__(self, model):
        self.model = model
        self.times = []

    async def complete(self, request):
        self.times.append(time.monotonic())
        return await self.model.complete(request)

    async def aclose(self):
        await self.model.aclose()


def test_being_turned_away_is_no_failed_attempt_while_others_are_answered():
    model = Busy(0.01, room=1)
    assert len(storm(model, 30, Gate(most=30, pause=0.001), attempts=2)) == 30


@pytest.mark.parametrize("calls", [1, 35])
def test_an_endpoint_that_turns_everybody_away_is_given_up_when_the_patience_ends(calls):
    model, before = Busy(room=0), time.monotonic()
    with pytest.raises(ModelError, match=r"slow down; no answer came for \d+ s .--patience 0.5.; what is done is kept"):
        storm(model, calls, Gate(most=4, pause=0.01, patience=Patience(0.5)))
    assert 0.5 <= time.monotonic() - before < 1.5
    assert len(model.times) < 60, "else that is a storm"


def test_an_overload_that_passes_within_the_patience_fails_nobody():
    class Waking(Busy):
        async def complete(self, request):
            self.room = 1000 if self.times and time.monotonic() > self.times[0] + 0.5 else 0
            return await super().complete(request)

    assert len(storm(Waking(), 20, Gate(most=4, pause=0.01, patience=Patience(5)), attempts=2)) == 20


def test_one_answer_renews_the_patience():
    gate = Gate(patience=Patience(10))
    gate.patience.since = time.monotonic() - 11
    with pytest.raises(ModelError, match="no answer came for 11 s"):
        gate.turned_away("m", 0, TransientError("slow down", status=429))
    gate.well()
    gate.turned_away("m", 0, TransientError("slow down", status=429))
    assert gate.closed_until > time.monotonic()


def test_while_calls_are_under_way_silence_means_nothing():
    gate = Gate(patience=Patience(10, since=time.monotonic() - 11, under_way=[time.monotonic() - 9]))
    gate.turned_away("m", 0, TransientError("slow down", status=429))
    assert gate.closed_until > time.monotonic()


def test_unless_they_are_cut_off_one_after_the_other():
    gate = Gate(patience=Patience(10, since=time.monotonic() - 11, under_way=[time.monotonic() - 9]))
    with pytest.raises(ModelError, match="no answer came for 11 s"):
        gate.patience.wait("m", TransientError("no answer within 9 s"), 1)


def test_an_endpoint_that_asks_for_more_than_there_is_patience_is_given_up_at_once():
    model = Busy(room=0, wait=3600.0)
    with pytest.raises(UnusableError, match="slow down; it asks to wait 3600 s, longer than --patience 600"):
        storm(model, 5, Gate(most=2))
    assert len(model.times) <= 5, "none is asked twice"


def test_an_endpoint_that_says_at_once_for_ever_is_not_believed():
    model = Busy(room=0, wait=0.0)
    with pytest.raises(ModelError):
        storm(model, 1, Gate(most=1, pause=0.05, patience=Patience(1)))
    assert len(model.times) < 12


def test_whoever_listens_is_told_of_each_wait():
    heard = []
    storm(Busy(room=1), 9, Gate(most=9, pause=0.01, patience=Patience(tell=heard.append)))
    assert {(wait.model, wait.why, wait.status) for wait in heard} == {("busy", "slow down", 429)}
    assert heard[0].seconds == 0.01


async def once(model):
    try:
        return await model.complete(REQUEST)
    finally:
        await model.aclose()


def test_a_call_has_its_time_and_waiting_for_it_does_not_count():
    model = Busy(0.1)

    async def together():
        admitted = Admitted(model, Gate(most=1), Purse({}), timeout=0.25)
        return await asyncio.gather(*(admitted.complete(REQUEST) for _ in range(5)))

    assert len(asyncio.run(together())) == 5
    with Server(hang) as server, pytest.raises(TransientError, match=r"no answer within 0.2 s"):
        asyncio.run(once(Admitted(OpenAIClient("m", address(server.url), api_key="k"), Gate(), Purse({}), 0.2)))


def test_who_goes_away_leaves_the_place_to_others():
    model, gate = Busy(0.05), Gate(most=1)

    async def some_go():
        admitted = Admitted(model, gate, Purse({}))
        tasks = [asyncio.create_task(admitted.complete(REQUEST)) for _ in range(6)]
        await asyncio.sleep(0.01)
        for task in tasks[:4]:
            task.cancel()
        said = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, Completion) for one in said) == 2
        assert gate.inside == 0

    asyncio.run(some_go())


def test_a_bucket_lets_through_evenly():
    bucket = Bucket(60)
    assert [bucket.take(1, 100.0) for _ in range(3)] == [0, 1, 2]
    bucket.correct(2)
    assert bucket.take(1, 100.0) == 5
    assert bucket.take(1, 200.0) == 0
    assert Bucket(None).take(1000, 5.0) == 0


@pytest.mark.parametrize("limits", [{"rpm": 1200}, {"tpm": 1200 * 501}], ids=["calls", "tokens"])
def test_so_many_a_minute(limits):
    model = Busy(0)
    storm(model, 11, wide(64, **limits))
    assert 0.45 < model.times[-1] - model.times[0] < 1.5


def test_a_closed_purse_turns_away_those_who_wait():
    purse = Purse({}, None)
    model = Busy(0.05)

    async def together():
        admitted = Admitted(model, Gate(most=2), purse)
        tasks = [asyncio.create_task(admitted.complete(REQUEST)) for _ in range(8)]
        await asyncio.sleep(0.01)
        purse.close(CapError(1, 1))
        said = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in said] == [Completion] * 2 + [CapError] * 6

    asyncio.run(together())
