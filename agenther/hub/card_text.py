"""The words of the dataset card: what was read, what came of it, how, and how to train on it.

Plain data in, Markdown out. Names that come from logs are hostile text: they cannot break out of their table.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agenther import __version__
from agenther.hub.facts import DataFile, Facts, Opinion
from agenther.hub.markdown import cell, table
from agenther.packagers.base import KEPT
from agenther.settings import endpoint
from agenther.tally.counts import Table

MODEL_PATH = re.compile(r"[/~.\\]|[A-Za-z]:\\")
PAPER = "https://arxiv.org/abs/2603.21357"

SPENT = ("stage", "calls", "retries", "prompt", "cached", "completion")
"""What a ledger's account tells beside its model and its price."""

REMOTE = "LLaMA-Factory: `dataset_dir: REMOTE:{{repo}}`, `dataset: agenther_{part}`"
LOADING = {
    "sft": (
        "TRL: `SFTTrainer` with `SFTConfig(assistant_only_loss=True)`; steps that do not serve the goal are cut out.\n"
        "  Axolotl: `datasets: [{{path: {repo}, name: {config}, type: chat_template, roles_to_train: [assistant]}}]`"
    ),
    "prompt-completion": "TRL: `SFTTrainer` with `SFTConfig(assistant_only_loss=True)`",
    "dpo": "TRL: `DPOTrainer`",
    "kto": "TRL: `KTOTrainer`",
    "sharegpt": (
        'LLaMA-Factory: in `dataset_info.json`, `"agenther": {{"hf_hub_url": "{repo}", "subset": "{config}",'
        ' "formatting": "sharegpt", "columns": {{"messages": "conversations", "system": "system", "tools": "tools"}}}}`'
    ),
    **{f"llamafactory_{part}": REMOTE.format(part=part) for part in ("sft", "kto", "ranking")},
    "swift": "ms-swift: `swift sft --dataset hf::{repo}:{config}`",
    "goal-pairs_swift": "ms-swift: `swift rlhf --rlhf_type dpo --dataset hf::{repo}:{config}`",
    **{f"hard-negatives_{part}": "TRL: `DPOTrainer`" for part in ("target", "decisive", "near-miss-dpo")},
    "hard-negatives_near-miss-kto": "TRL: `KTOTrainer`",
    "hard-negatives_failure-agent-sft": (
        "For an agent that is to fail, and for no other. TRL: `SFTTrainer` with `SFTConfig(assistant_only_loss=True)`"
    ),
    "hard-negatives_failure-agent-dpo": "For an agent that is to fail, and for no other. TRL: `DPOTrainer`",
    "records": 'polars: `pl.read_parquet("hf://datasets/{repo}/records/records.parquet")`',
    "contrast": "sentence-transformers: `rows.select_columns(['anchor', 'positive', 'negative'])`, with `TripletLoss`",
    "openai": 'Fine-tuning API: `hf download {repo} --repo-type dataset --include "openai/*"`, then upload the file',
}
"""How trainers take a format, beyond `load_dataset`."""

OPENING = f"""\
# {{name}}

Failed runs of LLM agents, relabeled with goals that they did reach (hindsight relabeling, [AgentHER]({PAPER})).
Made by agenther {{version}} from the logs described below.
"""

USE = """\
```python
from datasets import load_dataset  # 4.8 or newer

rows = load_dataset("{repo}", "{config}", split="{split}")
```
"""

COLUMNS = """
Rows of samples, but for those of `openai`, also say where they come from and how sure they are: `id`, `run_id`,
`group`, `source`, `goal_original`, `failure_type`, `severity`, `weight`, `confidence`, `judges`.
Trainers leave these columns alone.
"""

LIMITS = """\
## Limits

- A goal here is what the run did reach, not what was asked of it. Every claim in it is backed by words of the log, and
  every fact of an answer by an observation; that a person would have asked for it is not guaranteed.
- Goals made by rules are filled into templates, so that their wording varies less than that of people. Mix them with
  other data, or make them with a model.
- Runs of benchmarks ({benchmarks}) show tasks, pages and tool results of these benchmarks. A model that is
  trained on them must not be scored on the same tasks: hold those out by `group`, and say so.
- The logs belong to whoever made them, under their licence and the terms of the models that wrote them; that is what
  `license: other` stands for. Whoever publishes this dataset sets the licence in the front matter.
"""

REDACTED = """- Secrets and personal data that were found in the logs are replaced by placeholders such as
  `<EMAIL_3f9a01bc>`, the same for the same value. What looks like neither can have been missed.
"""

KEPT_GOALS = """- Configs that begin with `kept-goal_` hold failed runs under their own goal, as their kind says: the
  steps that a model held to be sound are learned, and no answer.
"""

NEGATIVES = """- In configs that begin with `hard-negatives_` a rejected side failed by its label, or is shown to miss a
  claim (`shown_by`). `chosen_reward` and `rejected_reward` say how near each side came, those that end with `_by`
  where that is from; `band` is "hard" from 0.6 on. `lambda_dpo` and `lambda_sft` are the weights of co-evolving agents
  (arXiv 2511.22254). What is called `failure-agent` teaches an agent to fail.
"""

CITATION = """\
## Citation

```bibtex
@misc{ding2026agenther,
  title = {AgentHER: Hindsight Experience Replay for LLM Agent Trajectory Relabeling},
  author = {Ding, Liang},
  year = {2026},
  eprint = {2603.21357},
  archivePrefix = {arXiv},
}
```
"""


def sections(repo: str, files: Sequence[DataFile], facts: Facts) -> str:
    """All that stands between the marks."""
    runs = (*facts.earlier, facts.run)
    counts = [found for run in runs if (found := _fields(run.get("counts")))]
    made = _fields(facts.run.get("made_with"))
    groups = [_fields(group) for found in counts for group in _list(found.get("groups"))]
    benchmarks = sorted({cell(group["benchmark"]) for group in groups if group.get("benchmark")})
    opening = facts.opening or OPENING
    is_of_run = bool(facts.run)
    parts = (
        opening.format(name=cell(repo.rpartition("/")[2]), version=cell(made.get("agenther", __version__))),
        "## Formats\n",
        table(("file", "config", "split", "rows"), [(f"`{file.path}`", *file[1:4]) for file in files]),
        _loading(repo, files, is_of_run=is_of_run),
        facts.notes,
        _read(counts, groups) if counts else "",
        "".join(f"![{cell(figure.about)}]({figure.path})\n\n" for figure in facts.figures),
        "\n".join(map(_added, facts.rounds)),
        _how(runs, facts.opinions) if is_of_run else "",
        facts.more,
        LIMITS.format(benchmarks=", ".join(benchmarks) or "none named in these logs") * is_of_run
        + KEPT_GOALS * any(file.config.startswith(KEPT) for file in files)
        + NEGATIVES * any(file.config.startswith("hard-negatives") for file in files)
        + REDACTED * facts.redacted,
        CITATION,
    )
    return "\n".join(filter(None, parts))


def _loading(repo: str, files: Sequence[DataFile], *, is_of_run: bool) -> str:
    configs = dict.fromkeys(file.config for file in files)
    loadable = [file for file in files if file.path.endswith(".jsonl")]
    use = [USE.format(repo=repo, config=file.config, split=file.split) for file in loadable[:1]]
    ways = [f"- `{name}`. {LOADING[name].format(repo=repo, config=name)}" for name in configs if name in LOADING]
    return "\n".join(["## Loading\n", *use, *ways, COLUMNS * is_of_run])


def _read(counts: Sequence[Mapping[str, Any]], groups: Iterable[Mapping[str, Any]]) -> str:
    """Of all rounds together."""
    totals: dict[tuple[str, str], list[int]] = {}
    for group in groups:
        if group.get("format"):
            total = totals.setdefault((cell(group["format"]), cell(group.get("benchmark") or "")), [0, 0, 0])
            for at, name in enumerate(("runs", "with_samples", "samples")):
                total[at] += _whole(group.get(name))
    read, accepted, samples, rejected = (
        sum(_whole(one.get(name)) for one in counts) for name in ("read", "with_samples", "samples", "rejected")
    )
    logs = table(
        ("log format", "benchmark", "runs", "with samples", "samples"),
        [(*key, *total) for key, total in sorted(totals.items())],
    )
    reasons: Counter[str] = Counter()
    for one in counts:
        reasons.update({cell(name): _whole(n) for name, n in _fields(one.get("rejected_by_reason")).items()})
    return "\n".join(
        [
            f"## What was read\n\n{read} runs: {accepted} gave {samples} samples, {rejected} were rejected.\n",
            *filter(None, (logs, table(("rejected because of", "runs"), reasons.most_common()))),
        ]
    )


def _added(one: Table) -> str:
    return f"### {one.title}\n\n{table(one.columns, [tuple(map(cell, row)) for row in one.rows])}"


def _how(runs: Sequence[Mapping[str, Any]], opinions: Iterable[Opinion]) -> str:
    heads = [f"### Round {number}\n" for number in range(1, len(runs) + 1)] if len(runs) > 1 else [""]
    said = [(" and ".join(map(_model, who)), of, agreed, f"{agreed / of:.1%}") for who, of, agreed in opinions]
    parts = (
        *(part for head, run in zip(heads, runs, strict=True) for part in (head, _made(run))),
        table(("judge, or two of them", "proposals", "held valid, or agreed on", "share"), said),
    )
    return "\n".join(["## How it was made\n", *filter(None, parts)])


def _made(run: Mapping[str, Any]) -> str:
    made = _fields(run.get("made_with"))
    settings, versions = _fields(made.get("settings")), _fields(made.get("versions"))
    maker = _model(settings.get("model")) or "rules, without a model"
    judges = "".join(f", and by {_model(name)}" for name in _list(settings.get("judges")))
    lines = [
        f"- Classified, extracted and relabeled by {maker}.",
        f"- Judged by rules, claim by claim against the log{judges}.",
    ]
    if "theta" in settings and "delta" in settings:
        theta, delta = cell(settings["theta"]), cell(settings["delta"])
        weighed = "a run" if settings.get("delta_on", "run") == "run" else "what it keeps of its run"
        lines.append(f"- A goal needs a confidence of {theta} (θ), {weighed} a weight of {delta} (δ).")
    if versions:
        lines.append(f"- With {', '.join(f'{cell(name)} {cell(version)}' for name, version in versions.items())}.")
    prompts = [(cell(name), cell(mark)) for name, mark in _fields(made.get("prompts")).items()]
    tables = (
        table(("prompt", "sha256"), prompts),
        _costs(_fields(run.get("ledger"))),
    )
    return "\n".join(["\n".join(lines) + "\n", *filter(None, tables)])


def _costs(ledger: Mapping[str, Any]) -> str:
    """A row for each model and stage, as the run's ledger has them."""
    rows = [
        (_model(account.get("model")), *(cell(account.get(name, "")) for name in SPENT), _usd(account.get("usd")))
        for account in map(_fields, _list(ledger.get("accounts")))
    ]
    columns = ("model", "stage", "calls", "again", "prompt tokens", "cached", "answer tokens", "USD")
    total = f"\nUSD in all: {_usd(ledger.get('usd'))}; for each sample: {_usd(ledger.get('usd_per_sample'))}.\n"
    return table(columns, rows) + total if rows else ""


def _usd(amount: object) -> str:
    return f"{amount:.4f}" if isinstance(amount, (int, float)) else "not known"


def _model(name: object) -> str:
    """The name of a model, without the address of its endpoint; a path on somebody's disk shows only its last part."""
    text = endpoint(str(name or "")).model
    return cell(re.split(r"[/\\]", text.rstrip("/\\"))[-1] if MODEL_PATH.match(text) else text)


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
