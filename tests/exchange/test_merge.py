"""Merging: what is refused, and that order, grouping and repetition change no byte."""

import json
import os
import shutil
import zipfile

import pytest
from exchange.sets import a_failure, a_lesson, a_set, a_triplet
from folders import content
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenther.errors import StoreError
from agenther.exchange import keys, manifest
from agenther.exchange.keys import Policy
from agenther.exchange.merge import merge
from agenther.exchange.reading import LONGEST, pile

MARK = Policy(unsigned="mark")
REFUSE = Policy(unsigned="refuse")


@pytest.fixture
def key(tmp_path):
    (tmp_path / "keys").mkdir()
    keys.make(tmp_path / "keys" / "acme.pem")
    return tmp_path / "keys" / "acme.pem"


@pytest.fixture
def signed(tmp_path, key):
    return a_set(tmp_path / "signed", "acme", [a_failure(1), a_lesson(1), a_triplet()], key)


def trust(tmp_path, key, name="acme"):
    path = tmp_path / "trusted.txt"
    path.write_text(f"# ours\n{name} {keys.public(key)}\n")
    return keys.trusted(path)


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


# --- refusals: one line, and nothing is written


def test_a_changed_byte_in_a_signed_set_is_refused(tmp_path, signed):
    path = next((signed / "failures").iterdir())
    path.write_bytes(path.read_bytes().replace(b"Book lamp 1", b"Book lamp 2"))
    with pytest.raises(StoreError, match="was changed: 1 records miss") as refused:
        merge([signed], tmp_path / "m", Policy())
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("change", ["missing", "added", "other side"])
def test_records_that_are_not_as_the_manifest_says_are_refused_or_marked(tmp_path, signed, change):
    path = next((signed / "failures").iterdir())
    if change == "missing":
        path.unlink()
    elif change == "added":
        path.write_bytes(path.read_bytes() + a_failure(2).model_dump_json().encode() + b"\n")
    else:
        path.rename(path.with_name("test-00000-of-00001.jsonl"))
    for policy in (Policy(), REFUSE):
        with pytest.raises(StoreError, match="was changed: 1 records"):
            merge([signed], tmp_path / "m", policy)
    merge([signed], tmp_path / "m", MARK)
    marked = [line["marks"] for line in lines(tmp_path / "m" / "provenance.jsonl") if line["config"] == "failures"]
    assert any(mark in {"missing", "unlisted"} for marks in marked for mark in marks)


def test_an_unsigned_set_is_refused_where_that_is_asked_or_keys_are_trusted(tmp_path, key):
    plain = a_set(tmp_path / "plain", "acme", [a_failure(1)])
    for policy in (REFUSE, Policy(trust(tmp_path, key))):
        with pytest.raises(StoreError, match="are not signed"):
            merge([plain], tmp_path / "m", policy)
    done = merge([plain], tmp_path / "m", Policy(trust(tmp_path, key), "mark"))
    assert done.marks == {"unsigned": 1}
    assert done.sources == {"acme (unsigned)": 1}


def test_a_merged_set_lets_nothing_in_that_its_parts_would_not(tmp_path, signed, key):
    """A manifest that nobody signed, naming what others signed; two records of one id under one name."""
    copied = a_set(tmp_path / "copied", "beta", [a_failure(1)], test=[a_failure(1)])
    merge([signed, copied], tmp_path / "m", Policy())
    with pytest.raises(StoreError, match="1 of its 3 records are not signed"):
        merge([tmp_path / "m"], tmp_path / "n", Policy(trust(tmp_path, key)))
    twice = a_set(tmp_path / "twice", "acme", [a_failure(1), a_failure(1, severity=0.5)], key)
    told = (twice / "manifest.json").read_bytes()
    merge(
        [
            a_set(tmp_path / "one", "acme", [a_failure(1)], key),
            a_set(tmp_path / "two", "acme", [a_failure(1, severity=0.5)], key),
        ],
        tmp_path / "both",
        Policy(),
    )
    (tmp_path / "both" / "sources" / f"{manifest.name(told)}.json").write_bytes(told)
    with pytest.raises(StoreError, match="has two records of one id"):
        merge([tmp_path / "both"], tmp_path / "n", MARK)


@pytest.mark.parametrize("unsigned", ["refuse", "mark", None])
def test_a_wrong_signature_and_a_strange_key_are_refused_always(tmp_path, signed, key, unsigned):
    other = tmp_path / "keys" / "other.pem"
    keys.make(other)
    for name, of in (("acme", other), ("beta", key)):
        with pytest.raises(StoreError, match="does not give to acme"):
            merge([signed], tmp_path / "m", Policy(trust(tmp_path, of, name), unsigned))
    signature = (signed / "manifest.sig").read_bytes()
    (signed / "manifest.sig").write_bytes(signature.replace(signature[-9:-5], b"AAAA"))
    with pytest.raises(StoreError, match="is not the signature of the manifest"):
        merge([signed], tmp_path / "m", Policy(trust(tmp_path, key), unsigned))


def respelt(signature):
    """The same key and signature in other base64: the last letter of each has bits that nothing reads."""
    key, made = signature.split()
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    turn = [one[:at] + letters[letters.index(one[at]) ^ 1 :][:1] + one[at + 1 :] for one, at in ((key, 42), (made, 85))]
    return b" ".join(turn) + b"\n"


@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(lambda line: line[:-1], id="no end of the line"),
        pytest.param(lambda line: line[:-1] + b"\r\n", id="another end"),
        pytest.param(lambda line: line + b"\n", id="an empty line"),
        pytest.param(respelt, id="another base64"),
    ],
)
def test_a_signature_is_spelt_in_one_way_or_refused_so_no_copy_of_a_set_can_take_it_away(tmp_path, signed, spell):
    shutil.copytree(signed, tmp_path / "copy")
    path = tmp_path / "copy" / "manifest.sig"
    path.write_bytes(spell(path.read_bytes()))
    with pytest.raises(StoreError, match="is not the signature of the manifest"):
        merge([signed, tmp_path / "copy"], tmp_path / "m", Policy())
    merge([signed, tmp_path / "copy"], tmp_path / "m", MARK)
    merge([signed], tmp_path / "n", MARK)
    assert content(tmp_path / "m") == content(tmp_path / "n")


def test_a_last_line_without_an_end_is_a_record(tmp_path, signed):
    for path in signed.glob("*/*.jsonl"):
        path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    assert sum(merge([signed], tmp_path / "m", Policy()).records.values()) == 3


def deep(line):
    return b'{"goal": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(deep, "no JSON object that can be read", id="nested deep"),
        pytest.param(lambda line: b"7\n", "no JSON object", id="no object"),
        pytest.param(lambda line: b"\xff\xfe\n", "no JSON object", id="not UTF-8"),
        pytest.param(lambda line: line.replace(b'"goal":', b'"task":'), "is none of failures", id="another field"),
        pytest.param(lambda line: line.replace(b'"n":2', b'"n":7'), "is none of failures", id="steps out of order"),
        pytest.param(lambda line: line.replace(b'"score":null', b'"score":NaN'), "no JSON object", id="not a number"),
        pytest.param(lambda line: line.replace(b'"step":2', b'"step":2' + b"0" * 18), "no JSON object", id="too large"),
        pytest.param(
            lambda line: line + line.replace(b"gave-up", b"crashed"), "two records of one id", id="ids collide"
        ),
        pytest.param(lambda line: b"x" * (LONGEST + 1), "more than 64 MB", id="a line without end"),
    ],
)
def test_hostile_records_are_refused(tmp_path, signed, spoil, why):
    path = next((signed / "failures").iterdir())
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(StoreError, match=why) as refused:
        merge([signed], tmp_path / "m", MARK)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


def link_out(folder):
    path = next((folder / "failures").iterdir())
    path.rename(folder.parent / "elsewhere.jsonl")
    path.symlink_to(folder.parent / "elsewhere.jsonl")


def linked_folder(folder):
    shutil.move(folder / "failures", folder.parent / "elsewhere")
    (folder / "failures").symlink_to(folder.parent / "elsewhere")


def a_bomb(folder):
    with zipfile.ZipFile(folder / "failures" / "train-00000-of-00001.jsonl.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("train.jsonl", b"0" * (1 << 20))


def a_hole(folder):
    with next((folder / "failures").iterdir()).open("ab") as file:
        os.truncate(file.fileno(), 9 << 30)


def a_path(folder):
    told = json.loads((folder / "manifest.json").read_bytes())
    told["organisation"] = "../acme"
    (folder / "manifest.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(link_out, "is a link", id="a link out of the folder"),
        pytest.param(linked_folder, "is a link", id="a folder elsewhere"),
        pytest.param(a_bomb, "nothing in a set is packed", id="a packed file"),
        pytest.param(a_hole, "has more than", id="a huge file"),
        pytest.param(a_path, "is no manifest of a set", id="a path in the manifest"),
        pytest.param(lambda folder: os.mkfifo(folder / "manifest.sig"), "is a link, or no file", id="a pipe"),
        pytest.param(lambda folder: (folder / "manifest.json").unlink(), "holds no set", id="no manifest"),
    ],
)
def test_hostile_folders_are_refused(tmp_path, spoil, why):
    folder = a_set(tmp_path / "plain", "acme", [a_failure(1)])
    spoil(folder)
    with pytest.raises(StoreError, match=why):
        merge([folder], tmp_path / "m", MARK)


def test_a_folder_that_holds_something_stays_as_it_is(tmp_path, signed):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="is not empty"):
        merge([signed], tmp_path / "m", MARK)
    assert content(tmp_path / "m") == {"mine.txt": b"mine"}


@pytest.mark.parametrize("line", ["acme", "acme notakey", "../x " + "A" * 43 + "=", "acme " + "A" * 60])
def test_a_trust_file_with_another_line_is_refused(tmp_path, line):
    (tmp_path / "trusted.txt").write_text(line)
    with pytest.raises(StoreError, match="line 1 is not NAME PUBLIC-KEY"):
        keys.trusted(tmp_path / "trusted.txt")


def test_a_key_is_made_once_and_not_where_others_get_it(tmp_path, key, signed):
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="is there already"):
        keys.make(key)
    with pytest.raises(StoreError, match="must not lie in what others are given"):
        keys.make(signed / "acme.pem")
    key.chmod(0o644)
    with pytest.raises(StoreError, match="others can read"):
        keys.public(key)


def test_what_is_changed_after_it_was_checked_is_not_merged(signed):
    found = pile(signed, REFUSE)
    path = next((signed / "failures").iterdir())
    path.write_bytes(path.read_bytes().replace(b"Book lamp 1", b"Book lamp 2"))
    with pytest.raises(StoreError, match="was changed while it was read"):
        list(found.all())


# --- what merging is


def test_duplicates_are_joined_and_conflicts_named_and_both_kept(tmp_path, key):
    same, other = a_failure(1), a_failure(1, failure_type="wrong_result")
    one = a_set(tmp_path / "a", "acme", [same, a_lesson(1), a_failure(2)], key)
    two = a_set(tmp_path / "b", "beta", [same, a_failure(2, goal="Another."), a_lesson(1, 2)])
    three = a_set(tmp_path / "c", "gamma", [other, a_triplet(5, 6, 2, outcome="failed")])
    done = merge([one, two, three], tmp_path / "m", MARK)
    assert (done.given, sum(done.records.values())) == (8, 7)
    assert {(found.id[-1], found.why) for found in done.conflicts} == {
        ("1", "the same id, and other content"),
        ("2", "the same id, and other content"),
        ("2", "labels that contradict each other"),
    }
    shared = next(line for line in lines(tmp_path / "m" / "provenance.jsonl") if len(line["sources"]) == 2)
    assert [bool(source["signed_by"]) for source in shared["sources"]] == [True, False]
    assert [source["organisation"] for source in shared["sources"]] == ["acme", "beta"]


def test_signatures_outlive_merging(tmp_path, signed, key):
    other = a_set(tmp_path / "b", "beta", [a_failure(3)])
    merge([signed, other], tmp_path / "m", MARK)
    merge([signed], tmp_path / "n", MARK)
    known = trust(tmp_path, key)
    merge([tmp_path / "n"], tmp_path / "o", Policy(known))
    assert content(tmp_path / "o") == content(tmp_path / "n")
    with pytest.raises(StoreError, match="1 of its 4 records are not signed"):
        merge([tmp_path / "m"], tmp_path / "p", Policy(known))
    path = tmp_path / "n" / "failures.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Book lamp 1", b"Book lamp 2"))
    with pytest.raises(StoreError, match="was changed"):
        merge([tmp_path / "n"], tmp_path / "p", Policy(known))


POOL = [
    *(a_failure(number, severity=severity) for number in (1, 2) for severity in (0.0, 0.5)),
    a_failure(3, goal="Ünï\u2028code"),
    a_lesson(1),
    a_lesson(1, 2),
    a_lesson(3, tool="cancel"),
    a_triplet(1, 2, 3),
    a_triplet(3, 4, 1, outcome="succeeded"),
]
SETS = st.lists(
    st.tuples(
        st.sampled_from(["acme", "beta", "gamma"]),
        st.sets(st.integers(0, len(POOL) - 1), max_size=5),
        st.booleans(),
        st.sampled_from(["", "lost", "added"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=SETS, order=st.randoms(use_true_random=False))
def test_any_order_and_grouping_and_repetition_gives_the_same_bytes(tmp_path, key, told, order):
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    work = tmp_path / "work"
    sets = []
    for number, (organisation, chosen, is_signed, fault) in enumerate(told):
        ids = set()
        records = [POOL[n] for n in sorted(chosen)]
        records = [
            one
            for one in records
            if (name := getattr(one, "run_id", getattr(one, "id", ""))) not in ids and not ids.add(name)
        ]
        folder = a_set(work / f"s{number}", organisation, records, key if is_signed else None, test=records[:1])
        found = sorted(folder.glob("*/*.jsonl"))
        if found and fault == "lost":
            found[0].unlink()
        if found and fault == "added":
            (folder / "failures").mkdir(exist_ok=True)
            extra = folder / "failures" / "train-00009-of-00010.jsonl"
            extra.write_text(a_failure(9).model_dump_json() + "\n")
        sets.append(folder)
    merge(sets, work / "all", MARK)
    whole = content(work / "all")
    shuffled = order.sample(sets, len(sets))
    left, right = shuffled[: len(sets) // 2], shuffled[len(sets) // 2 :]
    merge([*left, *left], work / "left", MARK)
    merge(right, work / "right", MARK)
    merge([work / "right", work / "left", *order.sample(sets, 1)], work / "again", MARK)
    assert content(work / "again") == whole
    merge([work / "all", work / "again", work / "all"], work / "twice", MARK)
    assert content(work / "twice") == whole
    assert sum(
        len((work / "all" / f"{name}.jsonl").read_bytes().splitlines()) for name in ("failures", "lessons", "contrast")
    ) == len(
        {
            line
            for folder in sets
            for path in folder.glob("*/*.jsonl")
            for line in map(json.loads, path.read_bytes().splitlines())
            for line in [json.dumps(line, sort_keys=True)]
        }
    )
