"""push, pull, forget and LOGS on the Hub, through the command line and over real HTTP."""

import io
import json
import os
import re
import stat
import subprocess
import sys
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from commands import agenther, told
from crews import Cast, a_proposal
from folders import a_job, a_log, content, done, rows

from agenther.packagers.table import PACKAGERS
from agenther.records import Evidence

MAIL, MARK = "nora.quist@" + "mail.example.org", "<EMAIL_"
KEY = "sk-" + "aB3dE5fG7h" * 4
PHONE = 5551234567
PLANTED = (MAIL, KEY, str(PHONE))
QUOTE = Evidence(text="the lamp costs $12.99", step=2, quote="$12.99")


class Telling(Cast):
    """Writes another goal for every run; `quote` is one more that it gives for the run of that number."""

    def __init__(self, quotes=None):
        super().__init__()
        self.quotes = quotes or {}

    async def relabel(self, trajectory, *others):
        more = self.quotes.get(trajectory.source.key)
        claims = (QUOTE, Evidence(text="who sells it", step=2, quote=more)) if more else (QUOTE,)
        self.attempts = ((a_proposal(f"{trajectory.goal} Tell me its price.", claims=claims),),)
        return await super().relabel(trajectory, *others)


def a_private_log(number):
    """The second step is done with a phone number, and shows a mail address and a key."""
    log = a_log(number)
    log["steps"][1]["action_input"]["phone"] = PHONE
    log["steps"][1]["observation"] = (
        f'{{"name": "Orbit {number}", "price": "$12.99", "seller": "{MAIL}", "k": "{KEY}"}}'
    )
    return log


def a_run(tmp_path, logs, cast=None, formats=tuple(PACKAGERS)):
    folder = tmp_path / "logs"
    folder.mkdir(parents=True)
    (folder / "runs.jsonl").write_text("".join(json.dumps(log) + "\n" for log in logs), "utf-8")
    done(folder, tmp_path / "run", a_job(cast or Telling(), formats=formats))
    return tmp_path / "run"


@pytest.fixture
def run(tmp_path):
    return a_run(tmp_path, [a_private_log(1), *(a_log(number) for number in range(2, 30))])


def refused(result, *words):
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words), result.stderr


def text(files):
    """All that the files hold; tables are unpacked."""
    parts = []
    for path, raw in files.items():
        parquet = path.endswith(".parquet")
        parts.append(json.dumps(pl.read_parquet(io.BytesIO(raw)).to_dicts()) if parquet else raw.decode())
    return "\n".join(parts)


def marks(published):
    """Placeholders of mail addresses, but for the card's example."""
    return set(re.findall(r"<EMAIL_[0-9a-f]{8}>", published)) - {"<EMAIL_3f9a01bc>"}


# --- refusals


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(["push", "RUN", "data"], id="no owner"),
        pytest.param(["push", "RUN", "hf://datasets/me/data"], id="an address"),
        pytest.param(["push", "RUN"], id="no repository"),
        pytest.param(["push", "/no/such/run", "me/data"], id="a run folder that is not there"),
        pytest.param(["inspect", "hf://models/me/x"], id="logs in a model"),
        pytest.param(["inspect", "hf:/datasets/me/x"], id="logs at half an address"),
        pytest.param(["run", "hf://datasets/me", "--out", "o"], id="logs without a name"),
        pytest.param(["pull", "me/logs", "o"], id="pull without an address"),
        pytest.param(["forget", "RUN"], id="nothing to forget"),
    ],
)
def test_wrong_usage_ends_with_2(tmp_path, wrong):
    result = agenther(*(str(argument).replace("RUN", str(tmp_path)) for argument in wrong))
    assert result.exit_code == 2
    assert (result.stdout, "Usage: " in result.stderr) == ("", True)


def test_a_run_that_is_not_finished(hub, run):
    (run / "journal.jsonl").touch()
    refused(agenther("push", run, "me/data"), "holds no finished run")
    assert not hub.asked


def test_a_run_that_is_half_forgotten(hub, run):
    (run / "forgotten.jsonl").write_text('{"name": "x"}\n', "utf-8")
    refused(agenther("push", run, "me/data"), "half forgotten")
    assert not hub.asked


def test_a_token_that_is_not_accepted(hub, run, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    refused(agenther("push", run, "me/data"), "me/data: ", "set HF_TOKEN")
    assert not hub.repos


@pytest.mark.parametrize("name", ["sft", "records", "atif"])
def test_a_task_in_train_and_in_test(hub, run, name, tmp_path):
    folder = run / "dataset" / name
    if name == "records":
        frame = pl.read_parquet(folder / "records.parquet")
        pl.concat([frame, frame[:1].with_columns(split=pl.lit("test"))]).write_parquet(folder / "records.parquet")
    else:
        (folder / "test.jsonl").write_bytes((folder / "train.jsonl").read_bytes().splitlines(keepends=True)[0])
    refused(agenther("push", run, "me/data"), "1 groups stand in train and in test", "agenther package")
    refused(agenther("push", run, "me/data", "--dry-run", tmp_path / "dry"), "in train and in test")
    assert not hub.asked
    assert not (tmp_path / "dry").exists()


@pytest.mark.parametrize("dry", [False, True])
def test_what_nothing_can_stand_for_stops_everything(hub, tmp_path, dry):
    log = a_log(1)
    log["steps"][1]["action_input"] = {"to": {MAIL: 1}}
    run = a_run(tmp_path, [log, a_log(2)], formats=("sft",))
    result = agenther("push", run, "me/data", *(["--dry-run", tmp_path / "dry"] if dry else []))
    run_id = rows(run / "samples.jsonl")[0]["run_id"]
    refused(result, "EMAIL", "messages/", f"/to/{MARK}", "nothing was published", f"agenther forget {run} {run_id}")
    assert MAIL not in result.output
    assert not hub.asked
    assert not list((tmp_path / "dry").glob("*"))
    told(agenther("forget", run, run_id))
    told(agenther("push", run, "me/data"))
    assert MAIL not in text(hub.repos["me/data"].head.files)


def test_a_damaged_key_is_told(hub, run):
    (run / "redaction.key").write_bytes(b"short")
    refused(agenther("push", run, "me/data"), "redaction.key", "is damaged")
    assert not hub.asked


@pytest.mark.parametrize("inside", [".", "dataset", "look"])
def test_a_dry_run_into_the_run_itself(run, inside):
    before = content(run)
    refused(agenther("push", run, "me/data", "--dry-run", run / inside), "lies in the run folder")
    assert content(run) == before


# --- what is published


def test_nothing_private_reaches_the_hub(hub, run):
    before = text({name: raw for name, raw in content(run).items() if name.startswith("dataset/")})
    assert all(planted in before for planted in PLANTED)
    said = told(agenther("push", run, "me/data"))
    after = text(hub.repos["me/data"].head.files)
    assert not [planted for planted in PLANTED if planted in after]
    assert len(marks(after)) == 1, "the same value, the same placeholder"
    assert re.search(r"EMAIL 1 \d+ OPENAI_KEY 1 \d+ PHONE 1 \d+", said)
    assert hub.repos["me/data"].private
    assert "left out" not in said
    assert all(row["run_id"] in after for row in rows(run / "samples.jsonl"))
    assert "`<EMAIL_3f9a01bc>`, the same for the same value" in after
    assert "SECRET" not in after, "nothing of our own was taken for one"
    assert said.endswith(f"-> {hub.url}/datasets/me/data (commit {hub.repos['me/data'].head.oid[:10]})")


def test_the_key_stays_here_and_is_for_its_owner_only(hub, run, tmp_path):
    told(agenther("push", run, "me/data"))
    key = run / "redaction.key"
    assert (stat.S_IMODE(key.stat().st_mode), len(key.read_bytes())) == (0o600, 32)
    assert not [
        path for path, raw in hub.repos["me/data"].head.files.items() if key.read_bytes() in raw or "key" in path
    ]
    other = a_run(tmp_path / "other", [a_private_log(1)])
    told(agenther("push", other, "me/other"))
    one, another = (marks(text(hub.repos[name].head.files)) for name in ("me/data", "me/other"))
    assert one
    assert not one & another


def test_a_dry_run_writes_what_a_push_sends(hub, run, tmp_path):
    said = told(agenther("push", run, "me/data", "--dry-run", tmp_path / "dry"))
    assert said.endswith(f"-> {tmp_path}/dry/ (nothing was sent)")
    assert not hub.asked
    told(agenther("push", run, "me/data"))
    files = dict(hub.repos["me/data"].head.files)
    del files[".gitattributes"]
    assert files == content(tmp_path / "dry")
    assert {path.partition("/")[0] for path in files if "/" in path} == {*PACKAGERS, "figures"} - {"dpo"}


def test_the_card_shows_two_figures_of_counts_alone(hub, run):
    told(agenther("push", run, "me/data"))
    files = hub.repos["me/data"].head.files
    drawn = {path: raw.decode() for path, raw in files.items() if path.startswith("figures/")}
    assert drawn.keys() == {"figures/funnel.svg", "figures/confidence.svg"}
    assert all(f"({path})" in files["README.md"].decode() for path in drawn)
    written = " ".join(" ".join(ET.fromstring(svg).itertext()) for svg in drawn.values()).split()
    assert written[:4] == ["logs", "read", "29", "100%"]
    own = "logs read runs understood failures worth relabeling something achieved with samples Confidence of proposals"
    assert {word for word in written if not word.strip("%").isdecimal()} == set(own.split())


def test_ratings_are_no_matter_of_the_card(hub, run):
    told(agenther("push", run, "me/data"))
    (run / "ratings.jsonl").write_text("no rating\n", "utf-8")
    assert "nothing changed" in told(agenther("push", run, "me/data"))


def test_a_second_push_changes_nothing(hub, run):
    told(agenther("push", run, "me/data", "--tag", "v1"))
    said = told(agenther("push", run, "me/data", "--tag", "v1"))
    assert "(nothing changed since commit " in said
    assert len(hub.repos["me/data"].commits) == 2
    assert list(hub.repos["me/data"].tags) == ["v1"]


def test_public(hub, run):
    told(agenther("push", run, "me/data", "--public"))
    assert not hub.repos["me/data"].private
    refused(agenther("push", run, "me/data"), "is public")


def test_arguments_stay_json(hub, run):
    told(agenther("push", run, "me/data"))
    files = hub.repos["me/data"].head.files
    lines = b"".join(raw for path, raw in files.items() if path.startswith("openai/")).splitlines()
    calls = [
        json.loads(call["function"]["arguments"])
        for line in lines
        for message in json.loads(line)["messages"]
        for call in message.get("tool_calls", [])
    ]
    assert [call["phone"][:7] for call in calls if "phone" in call] == ["<PHONE_"]
    table = pl.read_parquet(io.BytesIO(files["records/records.parquet"]))
    assert len(table) == 29
    assert "<PHONE_" in json.dumps([json.loads(steps) for steps in table["steps"]])


def test_a_quote_that_does_not_survive_takes_its_rows_along(hub, tmp_path):
    cast = Telling({"t1": MAIL[:15], "t2": MAIL})
    run = a_run(tmp_path, [a_private_log(1), a_private_log(2), *(a_log(number) for number in range(3, 9))], cast)
    goals = [row["goal"] for row in rows(run / "samples.jsonl")]
    assert len(goals) == 8
    said = told(agenther("push", run, "me/data"))
    after = text(hub.repos["me/data"].head.files)
    assert [goal for goal in goals if goal not in after] == goals[:1]
    assert re.search(r"a claim's quote does not stand in its observation any more \d+", said)
    assert re.search(r"rows, \d+ left out -> ", said)


def test_what_is_forgotten_goes_with_the_next_push(hub, run):
    told(agenther("push", run, "me/data"))
    goal = rows(run / "samples.jsonl")[0]["goal"]
    assert goal in text(hub.repos["me/data"].head.files)
    said = told(agenther("forget", run, rows(run / "samples.jsonl")[0]["run_id"]))
    assert said == f"1 runs forgotten, with their 1 samples; 28 samples from 28 of 28 runs are left -> {run}/"
    told(agenther("push", run, "me/data"))
    assert goal not in text(hub.repos["me/data"].head.files)


def test_a_run_whose_every_row_is_left_out(hub, tmp_path):
    run = a_run(tmp_path, [a_private_log(1)], Telling({"t1": MAIL[:15]}), formats=("sft", "records"))
    refused(agenther("push", run, "me/data"), "has no row that may be published")
    assert not hub.asked


def test_as_another_program_starts_it(hub, run):
    environment = {**os.environ, "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-m", "agenther", "push", run, "me/data", "--tag", "v1"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert not [planted for planted in PLANTED if planted in text(hub.repos["me/data"].head.files)]


# --- logs on the Hub


@pytest.fixture
def logs(hub):
    lines = "".join(json.dumps(a_log(number)) + "\n" for number in range(3))
    return hub.repo("others/logs", {"deep/runs.jsonl": lines.encode(), "README.md": b"# Logs\n"})


ADDRESS = "hf://datasets/others/logs"


def test_logs_on_the_hub_are_inspected_and_run(hub, logs, tmp_path):
    lines = [json.loads(line) for line in agenther("inspect", ADDRESS, "--json").stdout.splitlines()]
    assert [(line["kind"], line["path"]) for line in lines] == [("run", "deep/runs.jsonl")] * 3
    assert "3" in told(agenther("inspect", ADDRESS))
    told(agenther("run", ADDRESS, "--out", tmp_path / "out"))
    sources = [row["source"]["path"] for row in rows(tmp_path / "out/trajectories.jsonl")]
    assert sources == ["deep/runs.jsonl"] * 3
    assert hub.asked.count("resolve") <= 2, "downloaded once"
    asked = len(hub.asked)
    told(agenther("inspect", f"{ADDRESS}@{logs.head.oid}"))
    assert len(hub.asked) == asked, "a commit never changes"


def test_logs_that_are_not_there(hub):
    refused(agenther("inspect", "hf://datasets/others/none"), "no such dataset")


def test_pull(hub, logs, tmp_path):
    folder = tmp_path / "new/logs"
    folder.parent.mkdir()
    assert told(agenther("pull", ADDRESS, folder)) == f"1 files -> {folder}/"
    assert list(content(folder)) == ["deep/runs.jsonl"]
    refused(agenther("pull", ADDRESS, folder), "is not empty")
    told(agenther("pull", ADDRESS, tmp_path / "a/deeper/one"))
