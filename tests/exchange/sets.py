"""Small sets of several organisations, as a push writes them."""

from agenther.exchange.keys import sign
from agenther.exchange.lines import spelt
from agenther.exchange.manifest import manifest
from agenther.exchange.records import Act, Failed, Triplet, digest
from agenther.lessons.records import Cited, Kind, Lesson, Signature, When, named
from agenther.records import Suspect


def a_failure(number=1, **changes):
    steps = (
        Act(n=1, tool="search", arguments='{"q": "lamp"}', observation='{"id": "L-77"}'),
        Act(n=2, tool="book", arguments='{"day": "3 May"}', observation="Error: day must be written as 2026-05-03"),
        Act(n=3, tool="respond", arguments='{"content": "It cannot be booked."}', final=True),
    )
    suspect = Suspect(step=2, agent="", weight=0.9, reason="the call brought an error", quote="day must be written as")
    fields = {
        "run_id": f"openai-chat-{number:016x}",
        "group": f"task:shop/{number}",
        "format": "openai-chat",
        "benchmark": "shop",
        "task_id": str(number),
        "goal": f"Book lamp {number}.",
        "steps": steps,
        "answer": "It cannot be booked.",
        "ending": "gave-up",
        "outcome": "failed",
        "label_source": "log",
        "failure_type": "tool_error",
        "suspects": (suspect,),
        "tags": ("good", "mistake", "unnecessary"),
        "method": "rules",
        "by": "rules",
    }
    return Failed(**{**fields, **changes})


def a_lesson(*numbers, tool="book", error="is required #0123abcd", wrong=None, instead=None, **changes):
    signature = Signature(kind=Kind.REPAIRED, tool=tool, error=error)
    when = When(signature=signature, tools=(tool,))
    wrong = wrong or f"`{tool}` fails with “is required” when `day` is a date written # Month."
    instead = instead or "Give `day` as a date written ####-##-##."
    runs = [f"openai-chat-{number:016x}" for number in numbers or (1,)]
    cited = tuple(Cited(run_id=run, text="is required", step=2, quote="Error: day") for run in runs)
    fields = {
        "id": named(signature, wrong, instead),
        "when": when,
        "wrong": wrong,
        "instead": instead,
        "failures": cited,
        "run_ids": tuple(runs),
    }
    return Lesson(**{**fields, **changes})


def a_triplet(anchor=1, positive=2, negative=3, **changes):
    ids = [f"openai-chat-{number:016x}" for number in (anchor, positive, negative)]
    fields = {
        "id": f"contrast-{anchor}-{positive}-{negative}",
        "group": f"task:shop/{anchor}",
        "anchor": f"run {anchor}",
        "positive": f"run {positive}",
        "negative": f"run {negative}",
        "outcome": "failed",
        "shared": "benchmark",
        **dict(zip(("anchor_run_id", "positive_run_id", "negative_run_id"), ids, strict=True)),
        "positive_group": f"task:shop/{positive}",
        "negative_group": f"task:shop/{negative}",
    }
    return Triplet(**{**fields, **changes})


CONFIG = {Failed: "failures", Lesson: "lessons", Triplet: "contrast"}


def a_set(folder, organisation, records, key=None, test=()):
    """Writes the records, each on its side, with a manifest; signed where a key is given."""
    files, listed = {}, []
    for record in records:
        split = "test" if record in test else "train"
        config = CONFIG[type(record)]
        line = spelt(record.model_dump(mode="json"))
        files.setdefault(f"{config}/{split}-00000-of-00001.jsonl", []).append(line)
        listed.append((config, digest(line), split))
    for name, lines in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"".join(lines))
    folder.mkdir(parents=True, exist_ok=True)
    told = manifest(organisation, listed).line()
    (folder / "manifest.json").write_bytes(told)
    if key:
        (folder / "manifest.sig").write_bytes(sign(key, told))
    return folder
