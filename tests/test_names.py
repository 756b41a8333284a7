"""Names of tools: what stands before them, and how they are taken apart."""

import pytest

from agenther.text.names import bare, spelt


@pytest.mark.parametrize(
    ("name", "own", "words"),
    [
        ("find_order", "find_order", ["find", "order"]),
        ("mcp__shop__find_order", "find_order", ["find", "order"]),
        ("functions.findOrder", "findOrder", ["find", "order"]),
        ("shop/orders:find", "find", ["find"]),
        ("search__web_search", "web_search", ["web", "search"]),
        ("__private", "private", ["private"]),
        ("read_v1.2", "read_v1.2", ["read", "v", "1", "2"]),
        ("trailing__", "trailing__", ["trailing"]),
        ("取消_订单", "取消_订单", ["取消", "订单"]),
        ("", "", []),
    ],
)
def test_own_name(name: str, own: str, words: list[str]):
    assert (bare(name), spelt(name)) == (own, words)
