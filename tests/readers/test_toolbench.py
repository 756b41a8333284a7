"""ToolBench's three forms: what is taken for which, paths through a search tree, labels, and real logs."""

import json
from collections import Counter
from pathlib import Path

import pytest

from agenther.errors import ReadError
from agenther.readers.find import Ignored, files, read
from agenther.readers.formats import READERS
from agenther.readers.json_text import literal
from agenther.readers.log import Folder, Head, Log
from agenther.readers.recognition import identify
from agenther.readers.toolbench import converted
from agenther.readers.toolbench.calls import MAX_PATHS, Call, choose, closing, failure, walk
from agenther.records import Ending, Rejection, Trajectory
from agenther.settings import How

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/cases/readers"
SAMPLES = ROOT / "data/toolbench"
CORPORA = ROOT / "../shared/corpora"
RAW = json.loads((CASES / "toolbench/answered_path/G1_answer/31_ChatGPT_DFS_woFilter_w2.json").read_text("utf-8"))
COT = json.loads((CASES / "toolbench/cot_without_finish/33_CoT@1.json").read_text("utf-8"))
CONVERTED = json.loads((CASES / "toolbench-converted/branching/G3_instruction.json").read_text("utf-8"))
ROWS = [{"id": "Step 2: Tea?", "conversations": [{"from": "system", "value": "s"}, {"from": "user", "value": "Tea?"}]}]
CALL = {"from": "assistant", "value": "\nThought: \nAction: brew\nAction Input: {}"}
BIG = "x" * 70_000


def head(value: object, **dump: bool) -> Head:
    return Head(Path("a.json"), json.dumps(value, **dump)[: 64 * 1024])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param(RAW, "toolbench", id="tree"),
        pytest.param(COT, "toolbench", id="trys"),
        pytest.param(
            {**RAW, "compare_candidates": [[{**RAW["tree"]["tree"], "description": BIG}]]}, "toolbench", id="long"
        ),
        pytest.param({"tree": RAW["tree"] | {"note": BIG}, **RAW}, "toolbench", id="tree longer than the head"),
        pytest.param({"answer_generation": {**RAW["answer_generation"], "query": BIG}}, "toolbench", id="long query"),
        pytest.param(CONVERTED, "toolbench-converted", id="converted"),
        pytest.param({"1": None, **CONVERTED}, "toolbench-converted", id="damaged first"),
        pytest.param({"1": {"query": BIG, **CONVERTED["11"]}, "2": 0}, "toolbench-converted", id="long record"),
        pytest.param({"1": {"query": "q", "available_tools": [BIG]}}, "toolbench-converted", id="long tools"),
        pytest.param({"1": {"available_tools": [{"description": BIG}]}}, "toolbench-converted", id="tools first"),
        pytest.param(ROWS, "toolbench-training", id="rows"),
        pytest.param([{"conversations": [*ROWS[0]["conversations"], CALL]}], "toolbench-training", id="no id"),
        pytest.param(
            [{"conversations": [*ROWS[0]["conversations"], CALL, {"from": "user", "value": BIG}]}],
            "toolbench-training",
            id="long row",
        ),
    ],
)
@pytest.mark.parametrize("sort_keys", [False, True], ids=["as is", "sorted"])
def test_each_form_is_recognised_and_no_other(value, name, sort_keys):
    assert identify(head(value, sort_keys=sort_keys)) == name


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"7": {"query": "q", "is_solved": "AnswerStatus.Solved"}}, id="pass rate"),
        pytest.param(
            {"7": {"query": "q", "task_solvable": "s", "answer_steps": BIG, "is_solved": 0}}, id="long pass rate"
        ),
        pytest.param({"7": {"model_a": 0, "model_b": 3, "round_0": "complete"}}, id="preference"),
        pytest.param([{"api_list": [{"tool_name": BIG}], "query": "q", "query_id": 7}], id="queries"),
        pytest.param([{"query": "q", "query_id": 7}], id="queries without tools"),
        pytest.param({"7": 0, "8": 0}, id="query ids"),
    ],
)
def test_side_files_hold_no_runs(value):
    assert identify(head(value)) is None


@pytest.mark.parametrize(
    "value", [{}, [], {"7": True}, {"tree": {"a": 1}}, {"1": {"query": "q"}}, [{"conversations": []}]]
)
def test_others_are_left_alone(value):
    assert not any(READERS[name].recognizes(head(value)) for name in READERS if name.startswith("toolbench"))
    assert not converted.accompanies(head(value))


# --- paths and calls -----------------------------------------------------------------------------

GAVE_UP = Call("Finish", '{"return_type": "give_up_and_restart"}')
ANSWERED = Call("Finish", '{"return_type": "give_answer", "final_answer": "4"}')
OTHER = Call("Finish", '{"return_type": "give_answer", "final_answer": "5"}')
REFUSED = ANSWERED._replace(response='{"error": "bad"}', code=2)
ASK = Call("price", "{}")


@pytest.mark.parametrize(
    ("paths", "final_answer", "trained", "chosen"),
    [
        pytest.param([(ASK,), (ASK, ASK)], "", [], 1, id="the longest"),
        pytest.param([(ASK, ASK), (GAVE_UP,), (ASK, GAVE_UP), (ASK,)], "", [], 2, id="the last that gave up"),
        pytest.param([(GAVE_UP,), (ASK, GAVE_UP)], "", [GAVE_UP[:2]], 0, id="the one trained on"),
        pytest.param([(GAVE_UP,), (ASK, REFUSED)], "", [], 0, id="a refused answer is none"),
        pytest.param([(GAVE_UP,), (ASK, ANSWERED)], "", [GAVE_UP[:2]], 1, id="an answer before the training"),
        pytest.param([(ANSWERED,), (OTHER,)], OTHER.arguments, [], 1, id="the logged answer"),
        pytest.param([(ANSWERED,), (OTHER,)], None, [], 0, id="the first answer"),
    ],
)
def test_the_path_that_is_the_run(paths, final_answer, trained, chosen):
    assert choose(paths, final_answer, trained) is paths[chosen]


@pytest.mark.parametrize(
    ("final_answer", "calls", "ending", "answer"),
    [
        pytest.param("", (ASK,), Ending.STEP_LIMIT, None, id="no Finish"),
        pytest.param("", (REFUSED,), Ending.STEP_LIMIT, None, id="a refused Finish"),
        pytest.param("", (ANSWERED, ASK), Ending.STEP_LIMIT, None, id="went on after Finish"),
        pytest.param("", (Call("Finish", "what?"),), Ending.UNKNOWN, None, id="a Finish that says nothing"),
        pytest.param(
            "", (Call("Finish", '{"final_answer": [1]'),), Ending.UNKNOWN, None, id="an answer that is no text"
        ),
        pytest.param(None, (GAVE_UP,), Ending.GAVE_UP, None, id="gave up"),
        pytest.param(
            '{"return_type": "give_up", "final_answer": "4"}', (ASK,), Ending.GAVE_UP, None, id="gave up, talking"
        ),
        pytest.param(" ", (ANSWERED,), Ending.ANSWERED, "4", id="answer of Finish"),
        pytest.param("Four.", (ASK,), Ending.ANSWERED, "Four.", id="plain answer"),
        pytest.param('{"final_answer": "\\ud800"}', (ASK,), Ending.ANSWERED, "\ufffd", id="half a pair"),
        pytest.param('{"final_answer": ["\\ud800"]}', (ASK,), Ending.ANSWERED, '["\ufffd"]', id="half a pair, deeper"),
        pytest.param('{"return_type": "give_answer", "final_answer": "4...', (), Ending.ANSWERED, "4...", id="cut"),
    ],
)
def test_how_a_run_ends(final_answer, calls, ending, answer):
    assert closing(final_answer, calls) == (ending, answer)


@pytest.mark.parametrize(
    ("response", "code", "error"),
    [
        pytest.param('{"error": "", "response": "it says error: 500"}', 0, None, id="no error"),
        pytest.param('{"response": "", "error": "late"}', 0, "late", id="error last"),
        pytest.param('{"error": "API not wor', 0, "API not wor", id="cut in the error"),
        pytest.param('{"error": {"message": "gone"}}', 0, '{"message": "gone"}', id="error object"),
        pytest.param("error", 0, None, id="plain text"),
        pytest.param('["error"]', 5, "timeout", id="by code"),
        pytest.param(None, 99, "observation code 99", id="unknown code"),
        pytest.param(None, 4, None, id="give-up is no error"),
    ],
)
def test_only_what_the_log_calls_an_error(response, code, error):
    assert failure(Call("price", "{}", response=response, code=code)) == error


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text",
    ["", "{", "{'a': 1", "{'a': b()}", "{'a': 1e999}", "{1j: 2}", "{'a': {1}}", "'\\d' 1'", "{" * 5000 + "}",
     "{'a': \0}", "[" + "-" * 99_999 + "1]", "[" + "1+" * 20_000 + "1]"],
)  # fmt: skip
def test_no_literal(text):
    assert literal(text) is None


def test_literals_are_json_values():
    assert literal("{'a': (1, None), 'b': '\\ud800', 3: '\\d'}") == {"a": [1, None], "b": "\ufffd", "3": "\\d"}


def test_a_tree_of_any_depth_is_walked():
    tree: dict = {"n": 0}
    for n in range(20_000):
        tree = {"n": n, "children": [tree]}
    assert [len(path) for path in walk([tree], "children")] == [20_001]


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("toolbench", {**RAW, "tree": {"tree": {"node_type": BIG}}}),
        ("toolbench-converted", {"31": {"query": "Tea?", "answer": {"answer_details": [{"role": BIG}]}}}),
    ],
)
def test_a_rejection_does_not_repeat_what_it_is_about(tmp_path: Path, name, record):
    (tmp_path / "31.json").write_text(json.dumps(record))
    (rejection,) = read(Log(tmp_path / "31.json", "31.json", Folder(tmp_path)), How(log_format=name))
    assert len(rejection.detail) < 200


def test_too_many_paths():
    with pytest.raises(ReadError, match="more than 1,000 paths"):
        list(walk([{"children": [{}] * (MAX_PATHS + 1)}], "children"))


# --- labels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pass_rate_results/G1_tool_chat.json", True),
        ("pass_rate_results/chat/G1_tool_chat.json", True),
        ("pass_rate_results/chat/G1_tool.json", True),
        ("pass_rate_results/chat_G1_tool_pass_rate_2.json", True),
        ("pass_rate_results/G1_tool_chat_dfs.json", False),
        ("pass_rate_results/G1_tool.json", False),
        ("pass_rate_results/G2_tool_chat.json", False),
        ("labels/G1_tool_chat.json", False),
    ],
)
def test_labels_are_those_of_the_group_and_the_model(tmp_path: Path, name, found):
    write(tmp_path / name, {"11": {"is_solved": "AnswerStatus.Solved"}})
    log = write(tmp_path / "model_predictions_converted/chat/G1_tool.json", CONVERTED)
    (run,) = read(Log(log, log.name, Folder(log.parent)))
    assert (run.label.success, run.label.source) == ((True, "pass-rate") if found else (None, "none"))


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff", '{"11": 3}', '{"11": {"is_solved": [true]}}'])
def test_damaged_labels_are_no_labels(tmp_path: Path, text):
    results = write(tmp_path / "pass_rate_results/G1_tool_chat.json", {})
    results.write_text(text, "latin-1")
    log = write(tmp_path / "chat/G1_tool.json", CONVERTED)
    (run,) = read(Log(log, log.name, Folder(log.parent)))
    assert run.label.success is None


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
    return path


# --- our samples and real logs -------------------------------------------------------------------


def runs(folder: Path) -> list[Trajectory]:
    found = [item for log in files([folder]) if isinstance(log, Log) for item in read(log)]
    assert not [item for item in found if isinstance(item, Rejection)]
    return [item for item in found if isinstance(item, Trajectory)]


def test_the_samples_show_what_happens_to_agents():
    found = runs(SAMPLES)
    assert {run.source.format for run in found} == {"toolbench", "toolbench-converted", "toolbench-training"}
    assert {run.ending for run in found} == {Ending.ANSWERED, Ending.GAVE_UP, Ending.STEP_LIMIT}
    assert Counter(run.label.success for run in found) == {False: 11, True: 2, None: 3}
    pairs = Counter((run.goal, run.domain) for run in found)
    assert max(pairs.values()) == 2, "two runs of one task"
    salvageable = [run for run in found if run.label.success is False and any(has_result(step) for step in run.steps)]
    assert len(salvageable) >= 8


def has_result(step) -> bool:
    return step.error is None and not step.final and bool(step.observation)


DIFFERENT = {
    # Of several give-ups COUNTS took another path than the one in the last of train_messages.
    "toolbench_official/data_example/answer/G2_answer/10_ChatGPT_DFS_woFilter_w2.json": {"steps": 4},
    "toolbench_official/data_example/answer/G2_answer/119_ChatGPT_DFS_woFilter_w2.json": {"steps": 3},
    # Without train_messages: the last give-up, and where none gave up, the longest path.
    "toolbench_official/data_example/answer/G1_answer/69_ChatGPT_DFS_woFilter_w2.json": {"steps": 3},
    "toolbench_official/data_example/answer/G3_answer/8_ChatGPT_DFS_woFilter_w2.json": {"steps": 6},
}


@pytest.mark.skipif(not CORPORA.is_dir(), reason="real logs are not here")
@pytest.mark.parametrize("folder", ["toolbench_official", "stabletoolbench", "toolbench_chatgpt_cot"])
def test_real_logs_are_all_read(folder):
    """Runs, steps and labels as counted independently; labels also where those counts left them out: `win` is
    false in raw answers, and StableToolBench's pass-rate files tell of its raw answers too.
    """
    counts = json.loads((CORPORA / "COUNTS.json").read_text("utf-8"))
    for log in files([CORPORA / folder]):
        if isinstance(log, Ignored):
            continue
        found = list(read(log))
        if f"{folder}/{log.name}" not in counts:
            assert not [item for item in found if isinstance(item, Rejection)]
            continue
        expected = counts[f"{folder}/{log.name}"] | DIFFERENT.get(f"{folder}/{log.name}", {})
        labels = Counter(run.label.success for run in found)
        assert (len(found), sum(len(run.steps) for run in found)) == (expected["runs"], expected["steps"])
        if all(run.source.format == "toolbench-converted" for run in found):
            assert (labels[True], labels[False]) == (expected["success"], expected["failed"])
        else:
            answered = json.loads(log.text())["win"]
            verdict = True if "stabletoolbench" in folder else None
            assert labels == {verdict if answered else False: 1}
