"""Several things at the same time, and their results in order."""

import asyncio

import pytest

from agenther.together import in_turn, one_by_one


async def collected(waits, ahead):
    """What came back, and in which order the work was done."""
    done = []

    async def work(number, wait):
        await asyncio.sleep(wait)
        done.append(number)
        return number

    found = [one async for one in in_turn((work(*one) for one in enumerate(waits)), ahead)]
    return found, done


def test_a_slow_one_holds_up_only_what_is_given_back():
    found, done = asyncio.run(collected([0.2, 0, 0, 0], ahead=4))
    assert found == [0, 1, 2, 3]
    assert done == [1, 2, 3, 0]


def test_no_more_are_begun_than_allowed():
    found, done = asyncio.run(collected([0.1, 0, 0, 0], ahead=2))
    assert found == [0, 1, 2, 3]
    assert done[:2] == [1, 0]


def test_nothing_to_do():
    assert asyncio.run(collected([], ahead=3)) == ([], [])


def test_an_error_ends_what_was_begun():
    ended = []

    async def fails():
        raise ValueError("no")

    async def waits():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waits")

    async def all_of_them():
        return [one async for one in in_turn(iter([fails(), waits()]), 5)]

    async def both():
        with pytest.raises(ValueError, match="no"):
            await all_of_them()
        return list(ended)

    assert asyncio.run(both()) == ["waits"]


def test_one_by_one_what_was_opened_is_closed_also_when_nobody_wants_the_rest():
    closed = []

    async def work(number):
        return number

    async def close():
        closed.append(True)

    found = one_by_one((work(number) for number in range(9)), 2, close)
    assert [next(found), next(found)] == [0, 1]
    found.close()
    assert closed == [True]
    assert list(one_by_one((work(number) for number in range(3)), 2, close)) == [0, 1, 2]
