"""Judges on the command line: whom they ask and where, and what is told of them."""

import json

import pytest
from commands import agenther
from folders import content, rows
from llm.player import Player, lamp_logs
from llm.server import Server
from test_model_path import YES, five_runs, script

from agenther.assemble import assemble
from agenther.settings import Endpoint, Means, Settings, endpoint

NO = {**YES, "is_valid": False, "confidence": 0.1, "rejection_reason": "not shown"}
LOCAL = "http://127.0.0.1:8000/v1"
FREE = ("--price", "m=0,0", "--price", "j=0,0", "--price", "k=0,0")


@pytest.fixture
def logs(tmp_path):
    return five_runs(tmp_path / "logs")


def run(logs, out, *words):
    result = agenther("run", logs, "--out", out, *words)
    assert result.exit_code == 0, result.output
    return result


def panel(out):
    return json.loads((out / "run.json").read_text("utf-8"))["panel"]


# --- who and where -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judge", ["", "@http://127.0.0.1:8000", " @https://a/v1", "j@http://", "j@http://[", "j@https:///v1"]
)
def test_a_judge_that_is_none_is_wrong_usage(tmp_path, logs, judge):
    result = agenther("run", logs, "--out", tmp_path / "out", "--judge", judge)
    assert result.exit_code == 2
    assert "this is neither MODEL nor MODEL@BASE_URL" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_quorum_that_is_none_is_wrong_usage(tmp_path, logs):
    assert agenther("run", logs, "--out", tmp_path / "out", "--judge", "j", "--quorum", "some").exit_code == 2


@pytest.mark.parametrize(
    ("text", "model", "base_url"),
    [
        ("gpt-5-mini", "gpt-5-mini", None),
        (f"Qwen/Qwen3-32B@{LOCAL}", "Qwen/Qwen3-32B", LOCAL),
        ("ollama/qwen3:8b@https://h:11434", "ollama/qwen3:8b", "https://h:11434"),
        ("vertex_ai/claude@20250929", "vertex_ai/claude@20250929", None),
        ("claude@20250929@http://h/v1", "claude@20250929", "http://h/v1"),
        ("bedrock/arn:aws:x/y@httpd", "bedrock/arn:aws:x/y@httpd", None),
        ("j@http://me:secret@http.example/v1", "j", "http://http.example/v1"),
    ],
)
def test_a_name_ends_where_an_address_begins(text, model, base_url):
    assert endpoint(text) == (model, base_url)
    assert endpoint(text, "http://all/v1") == (model, base_url or "http://all/v1")


def test_the_same_model_at_the_same_endpoint_is_one_judge():
    settings = Settings(judges=("j", f"j@{LOCAL}", "j@http://b/v1", "j", "grounded"), base_url=LOCAL)
    assert settings.judge_models == (Endpoint("j", LOCAL), Endpoint("j", "http://b/v1"), Endpoint("grounded", LOCAL))
    assert list(assemble(settings, Means(allow_unknown_cost=True)).crew.judges) == [
        "grounded",
        "j",
        "j#2",
        "grounded#2",
    ]


def test_each_judge_is_asked_at_its_own_endpoint(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(3))
    with Server(Player()) as one, Server(Player()) as other, Server(Player()) as third:
        judges = ("--judge", "j", "--judge", f"j@{other.url}", "--judge", f"k@{third.url}")
        run(logs, tmp_path / "out", "--model", "m", "--base-url", one.url, *judges, *FREE)
        assert sorted(body["model"] for body in one.bodies) == ["j"] * 3 + ["m"] * 9
        assert [body["model"] for body in other.bodies] == ["j"] * 3
        assert [body["model"] for body in third.bodies] == ["k"] * 3
        urls = (one.url, other.url, third.url)
    samples = rows(tmp_path / "out/samples.jsonl")
    assert [verdict["judge"] for verdict in samples[0]["verdicts"]] == ["grounded", "j", "j#2", "k"]
    shared = b"".join(made for name, made in content(tmp_path / "out").items() if name != "run.json")
    assert not any(url.encode() in shared for url in urls), "addresses are nobody's business"


# --- one warning ---------------------------------------------------------------------------------

WARNING = "agenther: warning: the model that writes the goals is the only one that judges them"


@pytest.mark.parametrize(
    ("model", "judges", "itself"),
    [
        ("gpt-5", ("gpt-5",), True),
        ("gpt-5", ("openai/GPT-5",), True),
        ("Qwen/Qwen3-8B", (f"hosted_vllm/Qwen/Qwen3-8B@{LOCAL}",), True),
        ("gpt-5", ("gpt-5", f"gpt-5@{LOCAL}"), True),
        ("gpt-5", ("gpt-5", "gpt-5-mini"), False),
        ("gpt-5", ("gpt-5-mini",), False),
        ("scripted:/a/script", ("scripted:/b/script",), False),
        ("scripted:/a/script", ("scripted:/a/script",), True),
        ("gpt-5", (), False),
        (None, ("gpt-5",), False),
        (None, (), False),
    ],
)
def test_a_model_that_judges_itself_is_known(model, judges, itself):
    assert Settings(model=model, judges=judges).judges_itself is itself


def test_it_is_warned_of_once(tmp_path, logs):
    model, other = script(tmp_path), script(tmp_path, "other.jsonl")
    alone = run(logs, tmp_path / "a", "--model", model, "--judge", model)
    assert alone.stderr.count(WARNING) == 1
    assert len(rows(tmp_path / "a/samples.jsonl")) == 5, "a warning, no more"
    assert WARNING not in run(logs, tmp_path / "b", "--model", model, "--judge", model, "--judge", other).stderr


def test_a_model_that_no_model_judges_is_warned_of_once(tmp_path, logs):
    warning = "agenther: warning: no model judges the goals that the model writes, only mechanical checks do"
    model = script(tmp_path)
    assert run(logs, tmp_path / "a", "--model", model).stderr.count(warning) == 1
    assert warning not in run(logs, tmp_path / "b", "--model", model, "--judge", model).stderr
    assert warning not in run(logs, tmp_path / "c").stderr


# --- quorum and report ---------------------------------------------------------------------------


def judges_of(tmp_path, *said):
    """Options for judges that each say one thing."""
    names = [script(tmp_path, f"judge{number}.jsonl", judge=each) for number, each in enumerate(said)]
    return [word for name in names for word in ("--judge", name)], names


def test_a_majority_accepts_and_all_are_told_of(tmp_path, logs):
    options, names = judges_of(tmp_path, YES, NO, YES)
    result = run(logs, tmp_path / "out", "--model", script(tmp_path), *options, "--quorum", "majority")
    samples = rows(tmp_path / "out/samples.jsonl")
    assert len(samples) == 5
    assert [verdict["valid"] for verdict in samples[0]["verdicts"]] == [True, True, False, True]
    assert samples[0]["verdicts"][2]["reason"] == "not shown"
    seats = [
        (seat["judge"], seat["asked"], seat["refused"], seat["refused_alone"])
        for seat in panel(tmp_path / "out")["seats"]
    ]
    assert seats == [("grounded", 5, 0, 0), (names[0], 5, 0, 0), (names[1], 5, 5, 5), (names[2], 5, 0, 0)]
    assert result.exit_code == 0, result.output
    for words in ("Judges in pairs", "refused alone", "kappa", "effective votes", "n/a"):
        assert words in (tmp_path / "out/report.md").read_text("utf-8")


def test_without_a_majority_nothing_is_accepted(tmp_path, logs):
    options, _ = judges_of(tmp_path, YES, NO)
    for quorum, asked in (("majority", [5, 5, 5]), ("all", [5, 5, 5])):
        run(logs, tmp_path / quorum, "--model", script(tmp_path), *options, "--quorum", quorum, "--attempts", 1)
        assert rows(tmp_path / quorum / "samples.jsonl") == []
        assert [seat["asked"] for seat in panel(tmp_path / quorum)["seats"]] == asked
    options, _ = judges_of(tmp_path, NO, YES)
    run(logs, tmp_path / "first", "--model", script(tmp_path), *options)
    assert [seat["asked"] for seat in panel(tmp_path / "first")["seats"]] == [5, 5, 0], (
        "refused, so the next is not paid"
    )


def test_another_quorum_is_another_run(tmp_path, logs):
    options, _ = judges_of(tmp_path, YES, YES)
    run(logs, tmp_path / "out", "--model", script(tmp_path), *options)
    result = agenther(
        "run", logs, "--out", tmp_path / "out", "--model", script(tmp_path), *options, "--quorum", "majority"
    )
    assert result.exit_code == 1
    assert "quorum='all'" in result.stderr


def test_the_order_of_answers_changes_no_byte(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(6))
    made = []
    for slow in (0, 0.01):
        with Server(Player()) as one, Server(Player(0.01 - slow)) as two, Server(Player(slow)) as three:
            judges = ("--judge", f"k@{two.url}", "--judge", f"j@{three.url}", "--quorum", "majority")
            out = tmp_path / f"out{slow}"
            words = ("--model", "m", "--base-url", one.url, *judges, *FREE, "--cache", tmp_path / f"{slow}.sqlite")
            run(logs, out, *words)
        files = content(out)
        files.pop("run.json")
        made.append(files)
    assert made[0] == made[1]
    assert len(rows(tmp_path / "out0/samples.jsonl")) == 6


def test_a_stage_again_counts_again(tmp_path, logs):
    options, _ = judges_of(tmp_path, YES)
    out = tmp_path / "out"
    run(logs, out, "--model", script(tmp_path), *options)
    judges_of(tmp_path, NO)
    assert "the result is new" in agenther("relabel", out).stdout
    assert [seat["refused"] for seat in panel(out)["seats"]] == [0, 5]
    script(
        tmp_path,
        classify={
            **json.loads((tmp_path / "script.jsonl").read_text().splitlines()[0])["answer"],
            "severity_weight": 0,
        },
    )
    assert "the result is new" in agenther("classify", out).stdout
    assert panel(out) is None
