"""The card and the tree: what a reader, a loader and a person who edits the card find there."""

import json

import polars as pl
import pytest
import yaml
from folders import content
from run_folder import ABOUT, a_folder, rows

from agenther.errors import HubError, StoreError
from agenther.hub import plan, write
from agenther.hub.card import BEGIN, END, card, listed, shown, stale
from agenther.hub.facts import DataFile, Facts, Figure, Opinion

SFT = DataFile("sft/train-00000-of-00001.jsonl", "sft", "train", 40)
HELD = DataFile("sft/test-00000-of-00001.jsonl", "sft", "test", 2)
KTO = DataFile("llamafactory/kto/train-00000-of-00001.jsonl", "llamafactory_kto", "train", 80)
FACTS = Facts(ABOUT, (Opinion(("grounded",), 20, 10), Opinion(("grounded", "judge"), 8, 6)))


def a_card(before="", files=(SFT, HELD), facts=FACTS):
    return card("me/data", files, facts, before)


def a_call(**arguments):
    return {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}


def front(text):
    return yaml.safe_load(text.split("---\n")[1])


# --- the front matter


def test_configs_as_loaders_read_them():
    assert front(a_card(files=(SFT, HELD, KTO)))["configs"] == [
        {
            "config_name": "sft",
            "default": True,
            "data_files": [
                {"split": "train", "path": "sft/train-*.jsonl"},
                {"split": "test", "path": "sft/test-*.jsonl"},
            ],
        },
        {
            "config_name": "llamafactory_kto",
            "data_files": [{"split": "train", "path": "llamafactory/kto/train-*.jsonl"}],
        },
    ]


def test_one_config_is_the_default_without_sft():
    assert [config.get("default") for config in front(a_card(files=(KTO,)))["configs"]] == [True]


@pytest.mark.parametrize(
    ("count", "size"), [(1, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (123_456, "100K<n<1M"), (10**7, "n>1M")]
)
def test_size(count, size):
    assert front(a_card(files=(SFT._replace(rows=count),)))["size_categories"] == [size]


def test_front_matter_of_a_new_card():
    found = front(a_card())
    assert found["license"] == "other"
    assert {"agenther", "hindsight-relabeling", "synthetic"} <= set(found["tags"])
    assert list(found) == ["license", "tags", "size_categories", "configs"]


def test_front_matter_is_merged():
    before = """---
license: apache-2.0
pretty_name: Läden
tags: [mine, agent]
size_categories: [n<1K]
configs:
- {config_name: mine, default: true, data_files: mine/*.csv}
- {config_name: sft, data_files: gone/*.parquet}
dataset_info:
- {config_name: sft, features: [{name: x, dtype: string}]}
- {config_name: mine, features: [{name: y, dtype: string}]}
---
"""
    found = front(a_card(before, files=(SFT._replace(rows=5000),)))
    assert (found["license"], found["pretty_name"], found["size_categories"]) == ("apache-2.0", "Läden", ["1K<n<10K"])
    assert found["tags"] == ["mine", "synthetic", "agent", "tool-use", "hindsight-relabeling", "agenther"]
    assert [config["config_name"] for config in found["configs"]] == ["sft", "mine"]
    assert [config.get("default") for config in found["configs"]] == [None, True]
    assert [info["config_name"] for info in found["dataset_info"]] == ["mine"]


def test_a_config_of_an_earlier_push_goes_with_its_files():
    before = a_card(files=(SFT, KTO))
    assert [config["config_name"] for config in front(a_card(before))["configs"]] == ["sft"]


@pytest.mark.parametrize("values", ["configs: 7", "tags: one", "configs: [1, null]", "dataset_info: {splits: []}", ""])
def test_odd_front_matter_is_no_crash(values):
    found = front(a_card(f"---\n{values}\n---\n"))
    assert [config["config_name"] for config in found["configs"]] == ["sft"]
    assert "dataset_info" not in found


@pytest.mark.parametrize("name", ["[sft]", "{sft: 1}"])
@pytest.mark.parametrize("key", ["configs", "dataset_info"])
def test_a_config_whose_name_is_no_text_stays(key, name):
    before = f"---\n{key}: [{{config_name: {name}}}]\n---\n"
    assert front(a_card(before))[key][-1] == front(before)[key][0]


@pytest.mark.parametrize(
    "values",
    ["tags: [", "- a list", "just words", "a: b: c", "date: 2024-13-45", "a: !!bool maybe", "a: !!timestamp x"],
)
def test_front_matter_that_is_no_mapping_is_refused(values):
    with pytest.raises(HubError, match=r"me/data: the front matter"):
        a_card(f"---\n{values}\n---\nMine.\n")


def test_deep_front_matter_stays_or_is_refused():
    refused = []
    for depth in range(100, 700, 20):
        values = f"a: {'[' * depth}{']' * depth}"
        try:
            assert front(a_card(f"---\n{values}\n---\n"))["a"] is not None
        except HubError:
            refused.append(depth)
    assert refused[-1:] == [680]
    assert 100 not in refused


# --- a person's words


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("", id="nothing"),
        pytest.param("# Mine\n\nWords.\n", id="no front matter"),
        pytest.param("---\nlicense: mit\n---\n\n# Mine\n\nWords.\n", id="front matter"),
        pytest.param("---\nlicense: mit\r\n---\r\n# Mine\r\n\r\nWords.\r\n", id="carriage returns"),
        pytest.param(f"Words.\n{BEGIN} -->\nhalf", id="only the first mark"),
        pytest.param(f"Words.\n{END}\n", id="only the last mark"),
        pytest.param(f"{END}\nWords.\n{BEGIN} -->", id="marks the wrong way round"),
    ],
)
def test_twice_is_once_and_words_stay(before):
    once = a_card(before)
    assert a_card(once) == once
    assert ("Words." in once) == ("Words." in before)


def test_words_above_and_below_stay_as_they_are():
    first = a_card()
    head, part, tail = first.partition(BEGIN)
    edited = f"{head}# Mine\n\nabove\n\n{part}{tail}\n## Also mine\n\nbelow  \n"
    again = a_card(edited, files=(SFT._replace(rows=41), HELD))
    assert again == edited.replace("| 40 |", "| 41 |")


# --- the words


def test_what_was_read_and_how():
    text = a_card()
    for words in (
        "9 runs: 4 gave 5 samples, 5 were rejected.",
        "| webarena | webarena | 6 | 4 | 5 |",
        "| irrecoverable | 3 |",
        "relabeled by vendor/relabeler.",
        "and by vendor/judge.",
        f"| relabel | {'9f' * 32} |",
        "| grounded | 20 | 10 | 50.0% |",
        "| grounded and judge | 8 | 6 | 75.0% |",
        'load_dataset("me/data", "sft", split="train")',
        "Runs of benchmarks (webarena)",
        "eprint = {2603.21357}",
    ):
        assert words in text


def test_costs_as_they_are_known():
    counts = {"calls": 12, "retries": 1, "prompt": 900, "cached": 300, "completion": 80}
    accounts = [
        {"model": "vendor/relabeler", "stage": "relabel", **counts, "usd": 0.5},
        {"model": "/models/local", "stage": "judge", **counts, "usd": None},
    ]
    ledger = {"accounts": accounts, "usd": None, "usd_per_sample": 0.25}
    text = a_card(facts=Facts({**ABOUT, "ledger": ledger}))
    assert "| vendor/relabeler | relabel | 12 | 1 | 900 | 300 | 80 | 0.5000 |" in text
    assert "| local | judge | 12 | 1 | 900 | 300 | 80 | not known |" in text
    assert "USD in all: not known; for each sample: 0.2500." in text


def test_of_several_rounds_it_tells_what_was_read_and_how_each_was_made():
    groups = [{"format": "webarena", "benchmark": "older-bench", "runs": 3}]
    counts = {"read": 3, "rejected": 3, "with_samples": 0, "groups": groups, "rejected_by_reason": {"no-steps": 3}}
    earlier = {"made_with": {"settings": {"model": "older-model"}}, "counts": counts}
    alone, both = a_card(), a_card(facts=FACTS._replace(earlier=(earlier,)))
    assert "### Round 1\n\n- Classified, extracted and relabeled by older-model." in both
    assert "### Round 2\n\n- Classified, extracted and relabeled by" in both
    assert "older-bench" not in alone
    assert "Runs of benchmarks (older-bench, " in both
    assert "| webarena | older-bench | 3 | 0 | 0 |" in both
    assert "| no-steps | 3 |" in both
    assert f"{ABOUT['counts']['read'] + 3} runs: " in both


@pytest.mark.parametrize("run", [{}, {"counts": 7, "made_with": []}, {"counts": {"groups": [1], "read": "x"}}])
def test_a_run_file_of_which_little_is_known(run):
    assert SFT.path in listed(a_card(facts=Facts(run)))


def test_names_from_logs_cannot_break_out():
    bad = f"a|b\n{END}\n| `mine.txt` | sft | <img src=x onerror=y> [x](javascript:y)"
    groups = [{"format": bad, "benchmark": bad, "runs": 1}]
    text = a_card(facts=Facts({"counts": {"groups": groups, "rejected_by_reason": {bad: 1}}}))
    assert text.count(END) == 1
    assert "<img" not in text
    assert "[x](" not in text.replace("\\[", "")
    assert set(listed(text)) == {SFT.path, HELD.path}
    assert a_card(text, facts=Facts({})) == a_card(facts=Facts({}))


@pytest.mark.parametrize("path", ["/home/me/models/qwen-7b", "~/models/qwen-7b/", "C:\\models\\qwen-7b", "./qwen-7b"])
def test_a_model_on_a_disk_shows_no_path(path):
    text = a_card(facts=Facts({"made_with": {"settings": {"model": path, "judges": [path]}}}))
    assert "relabeled by qwen-7b." in text
    assert "and by qwen-7b." in text
    assert "home" not in text


# --- the files


def test_stale_files():
    before = a_card(files=(SFT, HELD, KTO))
    existing = {
        SFT.path,
        HELD.path,
        KTO.path,
        "README.md",
        "sft/train-00001-of-00002.jsonl",
        "sft/notes.md",
        "my.jsonl",
    }
    existing |= {"dataset_info.json"}
    gone = ["dataset_info.json", KTO.path, HELD.path, "sft/train-00001-of-00002.jsonl"]
    assert stale(before, (SFT,), existing, {SFT.path, "README.md"}) == gone
    new = {SFT.path, HELD.path, KTO.path, "dataset_info.json", "README.md"}
    assert stale(before, (SFT, HELD, KTO), existing, new) == ["sft/train-00001-of-00002.jsonl"]
    assert stale("", (SFT,), existing, {SFT.path}) == ["sft/train-00001-of-00002.jsonl"]


FUNNEL = Figure("funnel", "From logs [to] samples", "<svg>9 runs</svg>")


def test_figures_lie_beside_the_card_that_shows_them(tmp_path):
    out = tmp_path / "out"
    run = a_folder(tmp_path / "run")
    made = write(plan(run, figures=[FUNNEL]), out, "me/data")
    assert FUNNEL.path in made.paths
    assert (out / FUNNEL.path).read_text("utf-8") == FUNNEL.svg
    text = (out / "README.md").read_text("utf-8")
    assert text.count("(figures/funnel.svg)") == 1
    assert shown(text) == {FUNNEL.path}
    before = content(out)
    write(plan(run, figures=[FUNNEL]), out, "me/data")
    assert content(out) == before
    (out / "figures/mine.svg").write_text("mine", "utf-8")
    write(plan(run), out, "me/data")
    assert [path.name for path in (out / "figures").iterdir()] == ["mine.svg"], "of ours, none is left"
    assert "figures/" not in (out / "README.md").read_text("utf-8")


def test_a_figure_that_a_person_shows_stays(tmp_path):
    out = tmp_path / "out"
    (out / "figures").mkdir(parents=True)
    (out / "figures/mine.svg").write_text("mine", "utf-8")
    (out / "README.md").write_text("![mine](figures/mine.svg)\n", "utf-8")
    run = a_folder(tmp_path / "run")
    for _ in range(2):
        write(plan(run), out, "me/data")
    assert (out / "figures/mine.svg").exists()


def test_a_figure_in_which_something_private_is_found_is_left_out(tmp_path):
    def clean(row):
        return {name: value.replace("9", "<ID>") if isinstance(value, str) else value for name, value in row.items()}

    other = Figure("confidence", "", "<svg/>")
    found = plan(a_folder(tmp_path / "run"), clean, figures=[FUNNEL, other])
    assert found.facts.figures == (other,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda run: (run / "run.json").unlink(), "no finished run", id="no run.json"),
        pytest.param(lambda run: (run / "journal.jsonl").touch(), "no finished run", id="unfinished"),
        pytest.param(lambda run: (run / "run.json").write_text("[1]"), "not written by this program", id="a list"),
        pytest.param(lambda run: (run / "proposals.jsonl").write_text("{}\n"), "line 1 is damaged", id="proposals"),
        pytest.param(lambda run: [p.unlink() for p in run.glob("dataset/*/*")], "no datasets", id="no datasets"),
        pytest.param(lambda run: [p.write_text("") for p in run.glob("dataset/*/*")], "no datasets", id="no rows"),
    ],
)
def test_a_folder_that_cannot_be_published(tmp_path, change, words):
    run = a_folder(tmp_path / "run")
    change(run)
    with pytest.raises(StoreError, match=words):
        plan(run)


def test_a_damaged_row_leaves_the_folder_as_it_was(tmp_path):
    run = a_folder(tmp_path / "run")
    write(plan(run), tmp_path / "out", "me/data")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    with (run / "dataset/sft/train.jsonl").open("a") as file:
        file.write('{"id": \n')
    with pytest.raises(StoreError, match="line 5 is damaged"):
        write(plan(run), tmp_path / "out", "me/data")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_tree_has_the_datasets_and_a_card_and_nothing_else(tmp_path):
    run = a_folder(tmp_path / "run", {"sft/train": rows(3), "sft/test": [], "llamafactory/kto/train": rows(2)})
    files = write(plan(run), tmp_path / "out", "me/data")
    assert [file[1:4] for file in files.rows] == [("sft", "train", 3), ("llamafactory_kto", "train", 2)]
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert names == set(files.paths) == {"README.md", *(file.path for file in files.rows)}


def test_the_same_again_gives_the_same_bytes_and_removes_what_is_stale(tmp_path):
    run = a_folder(tmp_path / "run")
    out = tmp_path / "out"
    write(plan(run, shard=1), out, "me/data")
    assert len(list((out / "kto").iterdir())) == 8
    (out / "mine.txt").write_text("mine")
    for folder in (out, tmp_path / "new"):
        write(plan(run), folder, "me/data")
    (out / "mine.txt").unlink()
    for path in (path for path in out.rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "new" / path.relative_to(out)).read_bytes()
    assert [path.name for path in (out / "kto").iterdir()] == ["train-00000-of-00001.jsonl"]


@pytest.mark.parametrize("shard", [1, 200, 10**6])
def test_shards_hold_all_rows_in_order(tmp_path, shard):
    table = [*rows(5, "ä"), *rows(2, "long", text="x" * 300)]
    run = a_folder(tmp_path / "run", {"sft/train": table})
    files = write(plan(run, shard=shard), tmp_path / "out", "me/data").rows
    texts = [(tmp_path / "out" / file.path).read_text() for file in files]
    assert [json.loads(line) for text in texts for line in text.splitlines()] == table
    assert [len(text.splitlines()) for text in texts] == [file.rows for file in files]
    assert all(len(text.encode()) <= shard or file.rows == 1 for text, file in zip(texts, files, strict=True))
    assert [file.path[-15:] for file in files] == [f"-of-{len(files):05d}.jsonl" for _ in files]


def test_every_row_and_every_name_of_a_benchmark_is_cleaned(tmp_path):
    def clean(row):
        return json.loads(json.dumps(row).replace("webarena", "REDACTED"))

    run = a_folder(tmp_path / "run", {"sft/train": rows(2, text="webarena"), "kto/test": rows(1, text="webarena")})
    files = write(plan(run, clean), tmp_path / "out", "me/data")
    for path in files.paths:
        text = (tmp_path / "out" / path).read_text()
        assert "REDACTED" in text
        assert "webarena" not in text


def test_parquet_is_cleaned_and_keeps_its_types_and_is_no_config(tmp_path):
    run = a_folder(tmp_path / "run")
    frame = pl.DataFrame({"id": list("abc"), "split": ["train", "test", "train"], "line": [1, None, 3]})
    (run / "dataset/records").mkdir()
    frame.write_parquet(run / "dataset/records/records.parquet")

    def clean(row):
        return {**row, "id": "X"} if row.get("id") == "a" else row

    files = write(plan(run, clean), tmp_path / "out", "me/data")
    assert ("records/records.parquet", "records", "all", 3) in [file[:4] for file in files.rows]
    published = pl.read_parquet(tmp_path / "out/records/records.parquet")
    assert published.rows() == [("X", "train", 1), ("b", "test", None), ("c", "train", 3)]
    assert published.schema == frame.schema
    text = (tmp_path / "out/README.md").read_text()
    assert "records" not in {config["config_name"] for config in front(text)["configs"]}
    assert set(listed(text).values()) == {"sft", "kto", "records"}


def test_parquet_alone(tmp_path):
    run = a_folder(tmp_path / "run", {})
    (run / "dataset/records").mkdir()
    pl.DataFrame({"id": ["a"]}).write_parquet(run / "dataset/records/records.parquet")
    assert write(plan(run), tmp_path / "out", "me/data").paths == ("records/records.parquet", "README.md")
    text = (tmp_path / "out/README.md").read_text()
    assert front(text)["configs"] == []
    assert 'pl.read_parquet("hf://datasets/me/data/records/records.parquet")' in text
    assert "load_dataset" not in text


def test_damaged_parquet(tmp_path):
    run = a_folder(tmp_path / "run")
    (run / "dataset/records").mkdir()
    (run / "dataset/records/records.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(StoreError, match="is damaged"):
        write(plan(run), tmp_path / "out", "me/data")


def test_the_index_of_llama_factory_names_configs(tmp_path):
    run = a_folder(tmp_path / "run", {"llamafactory/sft/train": rows(2), "llamafactory/sft/test": rows(1)})
    about = {"formatting": "sharegpt", "columns": {"messages": "conversations"}}
    names = {
        "agenther_sft": "sft/train.jsonl",
        "agenther_sft_test": "sft/test.jsonl",
        "agenther_kto": "kto/train.jsonl",
    }
    index = {name: {"file_name": path, **about} for name, path in names.items()}
    (run / "dataset/llamafactory/dataset_info.json").write_text(json.dumps(index))
    out = tmp_path / "out"
    assert "dataset_info.json" in write(plan(run), out, "me/data").paths
    place = {"hf_hub_url": "me/data", "subset": "llamafactory_sft"}
    assert json.loads((out / "dataset_info.json").read_text()) == {
        "agenther_sft": {**place, "split": "train", **about},
        "agenther_sft_test": {**place, "split": "test", **about},
    }
    write(plan(a_folder(tmp_path / "other")), out, "me/data")
    assert not (out / "dataset_info.json").exists()


@pytest.mark.parametrize("about", [7, None, {"file_name": "/etc/train.jsonl"}, {"file_name": ["sft/train.jsonl"]}])
def test_an_index_of_somebody_else_names_nothing(tmp_path, about):
    run = a_folder(tmp_path / "run", {"llamafactory/sft/train": rows(2)})
    (run / "dataset/llamafactory/dataset_info.json").write_text(json.dumps({"mine": about}))
    assert "dataset_info.json" not in write(plan(run), tmp_path / "out", "me/data").paths


def test_datasets_loads_every_config(tmp_path):
    datasets = pytest.importorskip("datasets")
    table = [{**row, "messages": [*row["messages"], a_call(q=n or ["x"])]} for n, row in enumerate(rows(2))]
    run = a_folder(tmp_path / "run", {"sft/train": table, "sft/test": table[:1], "llamafactory/kto/train": rows(3)})
    (run / "dataset/records").mkdir()
    pl.DataFrame({"id": ["a"]}).write_parquet(run / "dataset/records/records.parquet")
    out = tmp_path / "out"
    write(plan(run, shard=1), out, "me/data")
    assert set(datasets.get_dataset_config_names(str(out))) == {"sft", "llamafactory_kto"}
    found = datasets.load_dataset(str(out), cache_dir=tmp_path / "cache")
    assert {split: list(part) for split, part in found.items()} == {"train": table, "test": table[:1]}
    kto = datasets.load_dataset(str(out), "llamafactory_kto", split="train", cache_dir=tmp_path / "cache")
    assert list(kto) == rows(3)
