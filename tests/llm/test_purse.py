"""What calls cost, and that no more than allowed is spent, calls under way counted in."""

import asyncio
import json
import random
import resource
from dataclasses import replace

import pytest

from agenther.errors import CapError, ModelError, StoreError
from agenther.llm.clients.chat import read
from agenther.llm.clients.faults import TransientError
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.model import Message, Request, Schema
from agenther.llm.money.prices import is_local, longest, parsed, prices
from agenther.llm.money.purse import LONGEST_BY_UNKNOWN, Purse
from agenther.settings import Endpoint, Price

PRICE = Price(prompt=1e-6, cached=1e-7, completion=4e-6)
REQUEST = Request((Message("user", "Hello " * 500),))


class Meter:
    """A model whose answers have as many tokens as they may; knows what all of its answers cost."""

    name = "m"

    def __init__(self, seconds=0.001, tokens=None, fails=0):
        self.seconds, self.tokens, self.left = seconds, tokens, fails
        self.cost = 0.0
        self.bounds = set()
        self.random = random.Random(1)

    async def complete(self, request):
        self.bounds.add(request.max_tokens)
        await asyncio.sleep(self.seconds)
        if self.left:
            self.left -= 1
            raise TransientError("no")
        answer = self.tokens or self.random.randint(1, request.max_tokens or 20_000)
        usage = {"prompt_tokens": 700, "completion_tokens": answer}
        self.cost += PRICE.usd(prompt=700, cached=0, completion=answer)
        return read(json.dumps({"choices": [{"message": {"content": "{}"}}], "usage": usage}).encode())

    async def aclose(self): ...


def spend(model, purse, calls, most=16):
    async def together():
        admitted = Admitted(model, Gate(most), purse)
        return await asyncio.gather(*(admitted.complete(REQUEST) for _ in range(calls)), return_exceptions=True)

    return asyncio.run(together())


@pytest.mark.parametrize("cap", [0.05, 0.31, 1.7])
def test_a_cap_is_never_crossed(cap):
    model, purse = Meter(), Purse({"m": PRICE}, cap)
    said = spend(model, purse, 500)
    assert {type(one).__name__ for one in said} == {"Completion", "CapError"}
    assert model.cost == pytest.approx(purse.paid)
    assert purse.paid <= cap
    most = PRICE.usd(prompt=3200, cached=0, completion=LONGEST_BY_UNKNOWN)
    assert purse.paid > cap - most, "and is nearly used up"
    assert model.bounds == {LONGEST_BY_UNKNOWN}


def test_what_calls_under_way_leave_is_used():
    model, purse = Meter(0.02, tokens=10), Purse({"m": PRICE}, 0.08)
    assert len([one for one in spend(model, purse, 30) if not isinstance(one, CapError)]) == 30


def test_a_cap_of_nothing_asks_nothing():
    model = Meter()
    assert {type(one) for one in spend(model, Purse({"m": PRICE}, 0), 5)} == {CapError}
    assert model.bounds == set()


def test_what_costs_nothing_knows_no_cap_and_no_bound():
    for given in ({}, {"m": Price()}):
        model = Meter()
        assert CapError not in {type(one) for one in spend(model, Purse(given, 0), 5)}
        assert model.bounds == {None}


def test_a_call_that_failed_costs_nothing():
    purse = Purse({"m": PRICE}, 1)
    said = spend(Meter(fails=3), purse, 3)
    assert {type(one) for one in said} == {TransientError}
    assert (purse.paid, purse.put_aside) == (0, 0)


def test_a_call_that_was_cancelled_gives_back_what_was_put_aside():
    purse = Purse({"m": PRICE}, 1)

    async def cancelled():
        task = asyncio.create_task(Admitted(Meter(5), Gate(), purse).complete(REQUEST))
        await asyncio.sleep(0.01)
        assert purse.put_aside > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancelled())
    assert purse.put_aside == 0


def test_what_was_paid_before_counts(tmp_path):
    for _ in range(3):
        purse = Purse({"m": PRICE}, 0.05)
        purse.open(tmp_path / "paid.part")
        before = purse.paid
        spend(Meter(), purse, 100)
        purse.put_away()
        assert purse.paid <= 0.05
    assert before > 0.01
    again = Purse({"m": PRICE}, 0.2)
    (tmp_path / "paid.part").write_bytes((tmp_path / "paid.part").read_bytes() + b"\xffx\n0.0")  # killed while writing
    again.open(tmp_path / "paid.part")
    again.put_away()
    assert again.paid == pytest.approx(purse.paid)


def test_a_model_is_bounded_by_what_it_can_answer_where_that_is_known():
    purse = Purse(dict.fromkeys("abc", PRICE), 1, {"a": 100_000, "b": 1000})
    assert [purse.bounded(name, REQUEST).max_tokens for name in "abc"] == [8192, 1000, 4096]
    assert purse.bounded("a", replace(REQUEST, max_tokens=50)).max_tokens == 50


def test_a_call_is_expected_to_cost_a_token_for_each_byte_of_all_that_is_sent():
    purse = Purse({"m": Price(prompt=1)}, 1)
    schema = Schema("judge", {"type": "object", "description": "€" * 1000})
    bare, whole = purse.most("m", REQUEST), purse.most("m", replace(REQUEST, schema=schema))
    assert bare > 3000
    assert whole > bare + 3000


@pytest.mark.parametrize(
    ("cap", "paid", "words"),
    [
        (1, 0.5, "--max-cost 1 would be crossed by the next call: 0.5000 USD are paid"),
        (1, 1.0, "--max-cost 1 is used up: 1.0000 USD are paid"),
        (1, 1.5, "--max-cost 1 is used up: 1.5000 USD are paid"),
        (0, 0, "--max-cost 0 is used up"),
    ],
)
def test_what_is_said_of_a_cap(cap, paid, words):
    assert str(CapError(cap, paid)).startswith(words)


# --- prices --------------------------------------------------------------------------------------


def at(*models, address=None):
    return [Endpoint(model, address) for model in models]


def test_prices_come_from_litellms_list():
    found = prices(at("gpt-4o-mini", "anthropic/claude-haiku-4-5"), {})
    assert found["gpt-4o-mini"] == Price(prompt=0.15e-6, cached=0.075e-6, completion=0.6e-6)
    assert found["anthropic/claude-haiku-4-5"].completion == pytest.approx(5e-6)


def test_a_given_price_beats_the_list():
    given = {"gpt-4o-mini": Price(prompt=1)}
    assert prices(at("gpt-4o-mini"), given) == given
    assert prices(at("mine"), {"mine": Price()}) == {"mine": Price()}


def test_under_a_cap_a_price_has_to_be_known():
    with pytest.raises(ModelError, match=r"mine: .*--max-cost cannot be kept; .*--price mine=IN,OUT") as error:
        prices(at("gpt-4o-mini", "mine"), {}, allow_unknown=True, capped=True)
    assert "--allow-unknown-cost" not in str(error.value)


def test_how_long_answers_may_be_comes_from_the_same_list():
    assert longest(["gpt-4o-mini", "openai/gpt-3.5-turbo", "mine"]) == {
        "gpt-4o-mini": 16384,
        "openai/gpt-3.5-turbo": 4096,
    }


@pytest.mark.parametrize("name", ["mine", "sample_spec/x", "openai/nothing-like-this"])
def test_an_unknown_price_stops_and_says_what_to_do(name):
    with pytest.raises(ModelError, match=rf"--price {name}=IN,OUT .*--allow-unknown-cost"):
        prices(at(name), {})
    assert prices(at(name), {}, allow_unknown=True) == {}


@pytest.mark.parametrize(
    "address",
    [
        None,
        "https://api.example.com/v1",
        "http://8.8.8.8:8000/v1",
        "http://172.32.0.1/v1",
        "http://100.64.0.1/v1",
        "http://[2001:4860:4860::8888]/v1",
        "http://[::ffff:8.8.8.8]/v1",
        "http://localhost.example.com/v1",
        "http://notlocalhost/v1",
        "http://localhost@api.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://api.example.com/localhost",
        "http://[::1",
        "localhost",
        "",
    ],
)
def test_an_address_that_may_be_anybodys(address):
    assert not is_local(address)
    with pytest.raises(ModelError, match="its price is not known"):
        prices(at("mine", address=address), {})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "gpu1.localhost",
        "host.docker.internal",
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.178.20",
        "169.254.7.7",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[fe80::1%25eth0]",
        "[fd12:3456::1]",
    ],
)
def test_what_is_asked_at_home_costs_nothing(host):
    address = f"http://{host}:8000/v1"
    assert is_local(address)
    assert prices(at("mine", address=address), {}, capped=True) == {"mine": Price()}
    given = {"mine": Price(prompt=1)}
    assert prices(at("mine", address=address), given) == given


def test_what_is_asked_elsewhere_too_has_no_price():
    with pytest.raises(ModelError, match="its price is not known"):
        prices([*at("mine", address="http://localhost/v1"), *at("mine", address="https://api.example.com")], {})


def test_what_providers_take_money_for_is_not_free_behind_a_proxy():
    assert prices(at("gpt-4o-mini", address="http://localhost:4000"), {}) == prices(at("gpt-4o-mini"), {})


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("m=1,2", Price(prompt=1e-6, cached=1e-6, completion=2e-6)),
        ("a/b=c=0.25,2,0.025", Price(prompt=0.25e-6, cached=0.025e-6, completion=2e-6)),
        ("m=0,0", Price()),
    ],
)
def test_a_price_as_it_is_written(text, price):
    assert parsed(text)[1].model_dump() == pytest.approx(price.model_dump())


@pytest.mark.parametrize("text", ["", "m", "m=", "m=1", "m=1,2,3,4", "m=a,b", "=1,2", "m=-1,2", "m=nan,1", "m=1e9,1"])
def test_a_price_that_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        parsed(text)


def test_a_disk_that_is_full_forgets_nothing_of_what_was_paid(tmp_path):
    book = tmp_path / "paid"
    book.write_text("0.5\n0.25\n", "ascii")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            Purse({}).open(book)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    purse = Purse({})
    purse.open(book)
    purse.put_away()
    assert purse.paid == 0.75
