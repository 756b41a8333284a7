"""What to know before training on a format: how much would be cut, what to set, what the chat template has to do.

Written into the README.md beside the datasets and into the card on the Hub, as Markdown.
"""

from collections.abc import Iterator, Mapping

from pydantic_core import to_json

from agenther.packagers.base import Part
from agenther.packagers.columns import MARK, is_marked
from agenther.packagers.lengths import Lengths
from agenther.packagers.selection.balance import Balance

KEY, VALUE = next(iter(MARK.items()))
OLD_VERSIONS = f"""\
**`datasets` 4.8 or newer.** Older versions make one struct of all arguments that any call has, and fill it with nulls:
no error, and a model that learns to call tools with dozens of empty arguments. So the first row of each file with calls
has one key more, `"{KEY}": {to_json(VALUE).decode()}`. Old versions stop at its two types, with
`Column(/messages/[]/{KEY}/[]) changed from string to boolean in row 0`, and rows that were filled have it everywhere:

```python
assert "{KEY}" not in rows[-1]["messages"][0]  # of more than one row; "prompt" in the place of "messages" for kto, dpo
```

With an older version, such as 4.3, which Unsloth pins, take `unsloth` or `sharegpt`: they hold strings alone.
"""
TEMPLATES = """\
**The chat template** has to write `tools`, the calls in `tool_calls` and the results of the role `tool`: Llama 3's
drops calls without a word, DeepSeek-V3's refuses arguments that are objects, Llama 3.1's several calls in one
message, of which gpt-oss's writes the first alone. Thoughts stand in `reasoning_content`, which Qwen2.5, Llama 3.1
and DeepSeek-V3 do not read, and of which Qwen3 shows only what follows the last question: `agenther package
--thoughts inline` writes them into the text. gpt-oss refuses a call with both a text and a thought (`--thoughts
drop`). `assistant_only_loss=True` needs a template that marks the agent's turns with `{% generation %}`; for known
families TRL puts in its own.
"""


def of_length(part: Part, found: Lengths) -> Iterator[str]:
    """A line for each trainer of the rows."""
    yield f"About {found.median:,} tokens a row, {found.longest:,} the longest (estimated, without a tokenizer)."
    for trainer in part.trainers:
        over = found.over.get(trainer.default, 0)
        allowed = f"{trainer.default:,} tokens" if trainer.default else "what the model takes"
        told = (
            f"{over:,} of {found.rows:,} rows are longer, and each is {trainer.longer}" if over else "no row is longer"
        )
        mend = f": set `{trainer.option}` to {found.enough:,}" if over and trainer.option else ""
        if trainer.default:
            yield f"{trainer.name} allows {allowed} unless told otherwise; {told}{mend}."
        else:
            yield f"{trainer.name} allows {allowed} (`{trainer.option}`); a row that is longer is {trainer.longer}."
        if found.rows < trainer.least:
            yield f"{trainer.name} refuses a file of fewer than {trainer.least} rows; this one has {found.rows}."


def of_labels(found: Balance) -> str:
    """How to weigh the two labels, in the words of each trainer."""
    good, bad = found.desirable_weight, found.undesirable_weight
    return (
        f"{found.desirable:,} rows are desirable, {found.undesirable:,} are not. To make up for it: TRL"
        f" `KTOConfig(desirable_weight={good}, undesirable_weight={bad})`, ms-swift `--desirable_weight {good}"
        f" --undesirable_weight {bad}`, LLaMA-Factory `kto_chosen_weight: {good}`, `kto_rejected_weight: {bad}`."
    )


def notes(parts: Mapping[str, Part], lengths: Mapping[str, Lengths], kto: Mapping[str, Balance]) -> str:
    """All of it, for the formats that have rows; "" where there is nothing to say."""
    lines = [
        f"- `{name}`. "
        + "\n  ".join([*of_length(parts[name], found), *([of_labels(kto[name])] if name in kto else [])])
        for name, found in lengths.items()
        if name in parts
    ]
    there = [parts[name] for name in lengths if name in parts]
    said = [OLD_VERSIONS] if any(is_marked(part.columns) for part in there) else []
    said += [TEMPLATES] if any(part.messages for part in there) else []
    return "\n".join(["## Before you train\n", *lines, "", *said]) if lines else ""


def to_set(parts: Mapping[str, Part], lengths: Mapping[str, Lengths], kto: Mapping[str, Balance]) -> Iterator[str]:
    """What has to be set so that nothing is lost: a line for each trainer, and one for each pair of weights."""
    for trainer in dict.fromkeys(trainer for name in lengths for trainer in parts[name].trainers):
        read = {name: one for name, one in lengths.items() if trainer in parts[name].trainers}
        cut = {name: over for name, one in read.items() if (over := one.over.get(trainer.default))}
        if cut:
            told = ", ".join(f"{over:,} of {read[name].rows:,} {name}" for name, over in cut.items())
            enough = max(read[name].enough for name in cut)
            mend = f"set {trainer.option} to {enough:,}" if trainer.option else "no option allows more"
            yield f"{trainer.name}: rows over {trainer.default:,} tokens are {trainer.longer} ({told}): {mend}"
        short = [f"{name} has {one.rows}" for name, one in read.items() if one.rows < trainer.least]
        if short:
            yield f"{trainer.name} refuses a file of fewer than {trainer.least} rows: {', '.join(short)}"
    for weights in dict.fromkeys((one.desirable_weight, one.undesirable_weight) for one in kto.values()):
        if weights != (1.0, 1.0):
            yield f"KTO: desirable_weight={weights[0]}, undesirable_weight={weights[1]}, since the labels are not even"
