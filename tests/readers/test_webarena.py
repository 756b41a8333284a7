"""WebArena's render files and dumps: what the case folders cannot show."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renders import FRAME, IMAGE, a_block, a_render

from agenther.errors import ReadError
from agenther.readers.find import Ignored, files, read
from agenther.readers.formats import READERS
from agenther.readers.log import Folder, Log
from agenther.readers.recognition import identify, is_side_file
from agenther.readers.webarena import dumps as webarena_json
from agenther.readers.webarena import renders as webarena
from agenther.records import Rejection, Trajectory

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data/webarena"
CORPORA = ROOT / "../shared/corpora"

PAGE = "Tab 0 (current): Shop\n\n[1] RootWebArea 'Shop'\n\t[8] link 'Orders'"
FORGED = a_block("forged", "stop [forged]", image="")


@pytest.mark.parametrize(
    "page",
    [
        "<h2>New Page</h2>",
        "</pre><div>",
        "</pre></div></div>\n\n    <h2>New Page</h2>\n",
        "<div class='prev_action' style='background-color:pink'>None</div>",
        "<div class='parsed_action'><pre>stop [forged]</pre></div>",
        FORGED,
        FORGED * 3,
        a_block(FORGED, "stop [forged]", image=""),
        FORGED.partition("</pre>")[0],
        "<img src='data:image/svg+xml,<svg/>'>",
    ],
)
@pytest.mark.parametrize("image", [pytest.param("", id="no screenshots"), pytest.param(IMAGE, id="screenshots")])
def test_a_page_may_hold_anything(tmp_path, page, image):
    text = a_render(a_block(page, "click [8]", image=image), a_block("second", "stop [Blue]", image=image))
    run = the_run(tmp_path, text)
    assert [step.action.name for step in run.steps] == ["click", "stop"]
    assert (run.start, run.steps[0].observation, run.answer) == (page, "second", "Blue")


def test_only_images_are_taken_out_of_a_page(tmp_path):
    text = a_render(a_block("a <img src='data:image/png;base64,AA==' alt=''> b <img src='x.png'>", "stop [Blue]"))
    assert the_run(tmp_path, text).start == "a  b <img src='x.png'>"


@pytest.mark.parametrize(
    "evil",
    [
        "<h2>New Page</h2><h3 class='url'><a href=",
        "<img src='data:image/png;base64,'",
        "</pre><div>" + " " * 50,
        "<div class='raw_parsed_prediction'",
        "\t" * 40,
        "<body><pre>",
    ],
)
def test_a_file_made_to_be_slow_is_read_in_linear_time(tmp_path, evil):
    block = a_block(evil * (2_000_000 // len(evil)), "click [8]")
    began = time.perf_counter()
    try_to_read(write(tmp_path, a_render(block).encode()))
    assert time.perf_counter() - began < 5


RUN = a_render(
    a_block(PAGE, "click [8]"), a_block("second", "none", "no"), a_block("third", "stop [Blue]", url="http://b/")
)
DUMP = json.dumps(
    {
        "example_1": {
            "intent": "g",
            "sites": [],
            "messages": [{"user": "URL: a\n\nobservation:\nb"}, {"assistant": "```stop [a]```"}],
        }
    }
)


@settings(deadline=None, max_examples=150)
@given(data=st.data(), name=st.sampled_from(["render_1.html", "json_dump.json"]))
def test_damage_gives_a_run_or_a_rejection(tmp_path_factory, data, name):
    raw = bytearray((RUN if name == "render_1.html" else DUMP).encode())
    begin = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(begin, len(raw)))
    damage = data.draw(st.sampled_from(["cut the end", "cut the middle", "flip"]))
    if damage == "flip":
        for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
            raw[at] ^= data.draw(st.integers(1, 255))
    else:
        del raw[begin : end if damage == "cut the middle" else None]
    try_to_read(write(tmp_path_factory.mktemp("damaged"), bytes(raw), name))


def test_a_header_of_many_lines_is_read_in_linear_time(tmp_path):
    text = a_render(a_block(PAGE, "click [8]")).replace("</pre>", "\n" + "go on\n" * 600_000 + "</pre>", 1)
    began = time.perf_counter()
    try_to_read(write(tmp_path, text.encode()))
    assert time.perf_counter() - began < 5


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "intent",
    "sites",
    "messages",
    "eval_types",
    "reference_answers",
    "reference_url",
    "intent_template",
    "success",
)


@settings(deadline=None, max_examples=150)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3), evals=VALUES, sites=VALUES)
def test_any_value_may_have_any_type(tmp_path_factory, changes, evals, sites):
    folder = tmp_path_factory.mktemp("types")
    dump = json.loads(DUMP)
    dump["example_1"] |= changes
    try_to_read(write(folder, json.dumps(dump).encode(), "json_dump.json"))
    render = a_render(a_block("page", "stop [a]"), eval=repr(evals), sites=repr(sites))
    try_to_read(write(folder, render.encode("utf-8", "replace")))


def test_an_agent_that_writes_a_parsed_action_itself_is_not_believed(tmp_path):
    output = "</pre></div><div class='parsed_action' style=''><pre>stop [forged]</pre></div> ```go_back```"
    (step,) = the_run(tmp_path, a_render(a_block("page", "go_back", output))).steps
    assert step.action.name == "go_back"


@pytest.mark.parametrize("text", ["{[]: 1}", "{", "f(1)", "[" * 10_000, "9" * 5000, r"'\d'", "a\0b", "1if 1else 2"])
def test_a_config_that_is_no_literal_is_no_eval(tmp_path, recwarn, text):
    run = the_run(tmp_path, a_render(a_block("page", "stop [Blue]"), eval=text))
    assert (run.answer, run.label.success) == ("Blue", None)
    assert not list(recwarn)


def test_surrogates_in_the_config_are_replaced(tmp_path):
    assert the_run(tmp_path, a_render(sites=r"['a\ud800']")).domain == "a\ufffd"


@pytest.mark.parametrize(
    ("name", "text", "is_ours"),
    [
        pytest.param("page.html", "<html><body><pre>some: code</pre></body></html>", False, id="some page"),
        pytest.param("x.json", json.dumps([RUN]), False, id="a render quoted in JSON"),
        pytest.param("render_1.html", FRAME.format("<pre>task_id: 1\nintent: a\n</pre>\n"), True, id="no sites"),
        pytest.param("0.txt", RUN, True, id="by another name"),
    ],
)
def test_recognized_by_content(tmp_path, name, text, is_ours):
    assert bool(webarena.recognizes(write(tmp_path, text.encode(), name).head)) == is_ours


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", '{"render": false, "test_start_idx": 0, "result_dir": "results"}'),
        ("7.json", '{"sites": ["map"], "task_id": 7, "intent": "a", "eval": {}}'),
        ("test.raw.json", '[{"sites": ["map"], "task_id": 7, "intent": "a", "eval": {}}, {"sites": []'),
        ("log_files.txt", ""),
        ("log_20240504170902_1491.log", ""),
        ("run.log", "2024-05-04 17:09:05,112 - INFO - [Config file]: 7.json"),
        ("traces/7.zip", "PK"),
    ],
)
def test_side_files_hold_no_run(tmp_path, name, text):
    (tmp_path / "traces").mkdir()
    assert identify(write(tmp_path, text.encode(), name).head) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [("0.json", '[{"instruction": "a", "input": "", "output": ""}]'), ("other.log", "hello"), ("a.zip", "PK")],
)
def test_other_files_are_not_passed_over(tmp_path, name, text):
    log = write(tmp_path, text.encode(), name)
    assert not any(reader.accompanies(log.head) for reader in READERS.values())
    assert not is_side_file(log.path)


def test_the_samples_are_a_mix():
    found = [item for log in files([SAMPLES]) for item in ([log] if not isinstance(log, Log) else read(log))]
    runs = [item for item in found if isinstance(item, Trajectory)]
    assert not [item for item in found if isinstance(item, Rejection)]
    assert {item.name for item in found if isinstance(item, Ignored)} >= {"config.json", "error.txt", "log_files.txt"}
    assert {run.label.source for run in runs} == {"log", "error-log", "no answer", "offline url_match", "none"}
    assert sorted(str(run.label.success) for run in runs) == ["False"] * 8 + ["None", "True"]
    assert {run.domain for run in runs} == {"shopping_admin", "shopping", "gitlab", "reddit", "map"}


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no real logs here")
def test_real_renders_have_the_steps_that_an_independent_reading_counts():
    counts = json.loads((CORPORA / "COUNTS.json").read_text("utf-8"))
    renders = [
        log for log in files([CORPORA / "webarena_render"]) if isinstance(log, Log) and log.path.suffix == ".html"
    ]
    assert renders
    for log in renders:
        (run,) = read(log)
        assert isinstance(run, Trajectory)
        assert len(run.steps) == counts[f"webarena_render/{log.name}"]["steps"]
        assert "base64," not in "".join(text for _, text in run.observations())
        # none passed, and each of them can be told from its own ending or an offline score
        assert run.label.success is False


def the_run(folder: Path, text: str) -> Trajectory:
    (run,) = webarena.read(write(folder, text.encode()))
    assert isinstance(run, Trajectory)
    return run


def write(folder: Path, raw: bytes, name: str = "render_1.html") -> Log:
    path = folder / name
    path.write_bytes(raw)
    return Log(path, name, Folder(folder))


def try_to_read(log: Log) -> None:
    """Whatever the log holds: runs, and ReadErrors given or raised."""
    reader = (webarena_json if log.path.suffix == ".json" else webarena).READER
    reader.recognizes(log.head)
    try:
        items = list(reader.read(log))
    except ReadError:
        return
    assert all(isinstance(item, Trajectory | ReadError) for item in items)
