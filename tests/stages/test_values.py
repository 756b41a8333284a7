"""Structured text as tools write it and loggers cut it: refusals and cuts beside what is whole."""

import pytest

from agenther.stages.values import values

WRAP = '{"error": "", "response": "%s"}'


@pytest.mark.parametrize(
    ("text", "root", "whole"),
    [
        pytest.param('{"a": 1}', {"a": 1}, True, id="JSON"),
        pytest.param("{'a': True, 'b': None}", {"a": True, "b": None}, True, id="Python"),
        pytest.param("[('x', 1.5), 'it\\'s']", [["x", 1.5], "it's"], True, id="tuples and escapes"),
        pytest.param(WRAP % "{'a': 'b'}", {"a": "b"}, True, id="wrapped Python"),
        pytest.param(WRAP % '{\\"a\\": \\"b\\"}', {"a": "b"}, True, id="wrapped JSON"),
        pytest.param(WRAP % "plain words", "plain words", True, id="wrapped text"),
        pytest.param("{'a': 1, 'b': [1, 2], 'c': 'cu", {"a": 1, "b": [1, 2]}, False, id="cut in a string"),
        pytest.param("[{'a': 1}, {'a': 2", [{"a": 1}, {}], False, id="a number at the cut may go on"),
        pytest.param(WRAP[:-2].replace("%s", "{'a': 1, 'b': 'x...") + "...", {"a": 1}, False, id="a cut wrapper"),
        pytest.param("{'when': datetime.now(), 'a': 1}", {}, False, id="code is not run"),
        pytest.param("{" * 500, None, None, id="endless nesting"),
        pytest.param("just text", None, None, id="text"),
        pytest.param("", None, None, id="nothing"),
        pytest.param("255.0", None, None, id="a bare number is no structure"),
    ],
)
def test_values(text, root, whole):
    found = values(text)
    if root is None:
        assert found is None or found.root in ({}, [])
    else:
        assert (found.root, found.whole) == (root, whole)
