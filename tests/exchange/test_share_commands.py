"""key, merge, and sets on the Hub, through the command line and over real HTTP."""

import re

import pytest
from commands import agenther, told
from exchange.sets import a_failure, a_set
from folders import content


@pytest.mark.parametrize(
    "wrong",
    [["merge"], ["merge", "A"], ["merge", "/no/such/set", "--out", "m"], ["key"], ["key", "a b.pem", "--name", "../x"]],
)
def test_wrong_usage(wrong):
    assert agenther(*wrong).exit_code == 2


def test_a_set_that_is_refused_gives_one_line(tmp_path):
    (tmp_path / "a").mkdir()
    result = agenther("merge", tmp_path / "a", "--out", tmp_path / "m")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "holds no set" in result.stderr


def test_a_key_is_printed_as_trust_files_have_it_and_a_signed_set_on_the_hub_is_merged(tmp_path, hub):
    line = told(agenther("key", tmp_path / "acme.pem"))
    assert re.fullmatch(r"acme [A-Za-z0-9+/]{43}=", line)
    (tmp_path / "trusted.txt").write_text(f"{line}\n")
    signed = a_set(tmp_path / "a", "acme", [a_failure(1)], tmp_path / "acme.pem")
    hub.repo("acme/failures", content(signed))
    said = told(
        agenther(
            "merge", "hf://datasets/acme/failures", signed, "--out", tmp_path / "m", "--trust", tmp_path / "trusted.txt"
        )
    )
    assert "1 failures, 0 lessons, 0 contrast; 1 joined, 0 conflicts" in said
    agenther("merge", signed, "--out", tmp_path / "n")
    assert content(tmp_path / "m") == content(tmp_path / "n")


@pytest.fixture
def signed(tmp_path, hub):
    """A set of acme's on the Hub, and the file that trusts acme."""
    (tmp_path / "trusted.txt").write_text(told(agenther("key", tmp_path / "acme.pem")) + "\n")
    return a_set(tmp_path / "a", "acme", [a_failure(1)], tmp_path / "acme.pem")


def changed(files):
    return {name: body.replace(b'"step":2', b'"step":1') for name, body in files.items()}


def without(name):
    return lambda files: {one: body for one, body in files.items() if one != name}


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param(changed, "was changed", id="a changed record"),
        pytest.param(without("manifest.sig"), "not signed", id="no signature"),
        pytest.param(lambda files: {"runs.jsonl": files["failures/train-00000-of-00001.jsonl"]}, "no set", id="no set"),
    ],
)
def test_a_set_is_refused_on_its_way_from_the_hub(tmp_path, hub, signed, how, why):
    files = content(signed)
    assert how(files) != files
    hub.repo("acme/failures", how(files))
    result = agenther("pull", "hf://datasets/acme/failures", tmp_path / "new", "--trust", tmp_path / "trusted.txt")
    assert result.exit_code == 1
    assert why in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_set_that_is_pulled_is_told_by_who_signed_it(tmp_path, hub, signed):
    hub.repo("acme/failures", content(signed))
    said = told(agenther("pull", "hf://datasets/acme/failures", tmp_path / "b", "--trust", tmp_path / "trusted.txt"))
    assert "a set of 1 records: acme, signed" in said
    assert content(tmp_path / "b") == content(signed)
