"""What the gate does with proposals that people have rated: a consenting model judges, so only proofs refuse.

    python benchmarks/gate.py FILE [--fold]

FILE holds a line {trajectory, proposal, valid, near_miss, ...} for each. Of the valid ones near-misses are made: a
number, a date or an id is another one, or a demand is added. Proposals that fold all that the user said in a dialogue
into one request, as they are made under --fold, are passed over without it. The last line is one of JSON.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from agenther.judges.grounded import grounded
from agenther.pipeline import judge, sample, weighed
from agenther.probe.measure import names_it
from agenther.probe.spots import Kind
from agenther.probe.twins import twins
from agenther.records import Diagnosis, Judged, Proposal, Record, Trajectory, Verdict
from agenther.settings import Settings

EACH = 3
"""Near-misses of a sort with words of the run, and as many with words from nowhere."""
ADDED = {
    "when and by whom": "Please also tell me when this was last changed, and by whom.",
    "a message": "Then email the result to my colleague.",
    "a comparison": "Also compare it with last year's figures.",
    "a booking": "And book a table for two near the office afterwards.",
    "a reason": "I would also like to know why that is so.",
    "a recommendation": "Which of them would you recommend to a beginner?",
    "a place": "Where is the nearest branch, and is there parking?",
    "a picture": "And send me a photograph of it.",
    "a translation": "Please translate all of it into Portuguese as well.",
    "a document": "Put everything into a spreadsheet and share the link.",
    "a price": "What would the annual insurance premium be?",
    "a reminder": "Set a reminder for me one week ahead.",
}


class Miss(NamedTuple):
    """A near-miss: what was changed, how, and what stands there now."""

    sort: str
    proposal: Proposal
    now: str


async def consents(_trajectory: Trajectory, _proposal: Proposal, points: Any) -> Verdict:
    """A model that settles whatever it is asked."""
    settled = tuple(point.model_copy(update={"settled": True}) for point in points)
    return Verdict(judge="consenting", valid=True, confidence=1, points=settled)


async def through_the_gate(trajectory: Trajectory, proposal: Proposal) -> Judged:
    judges = {"grounded": grounded, "consenting": consents}
    return await judge(trajectory, weighed(trajectory, proposal), judges, Settings())


def misses(trajectory: Trajectory, proposal: Proposal) -> Iterator[Miss]:
    made = sample(trajectory, Diagnosis(run_id=trajectory.id, is_failure=True), _accepted(proposal), 1)
    for twin in twins(made, trajectory, EACH):
        is_hard = twin.kind in {Kind.NUMBER, Kind.DATE} and any(map(str.isdecimal, twin.was))
        if is_hard and twin.now not in proposal.goal:  # what stands there already may well stand there twice
            sort = "date" if twin.kind is Kind.DATE else "id" if any(map(str.isalpha, twin.was)) else "number"
            yield Miss(sort, proposal.model_copy(update={"goal": twin.goal}), twin.now)
    for sort, demand in ADDED.items():
        yield Miss(f"added: {sort}", proposal.model_copy(update={"goal": f"{proposal.goal} {demand}"}), demand)


def _accepted(proposal: Proposal) -> Judged:
    return Judged(proposal=proposal, accepted=True, verdicts=(Verdict(judge="rater", valid=True, confidence=1),))


def loaded(kind: type[Record], data: Any) -> Any:
    """The record; what a record of another day holds beyond ours is left out."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        extra = [fault["loc"] for fault in error.errors() if fault["type"] == "extra_forbidden"]
        if not extra:
            raise
    for *path, last in extra:
        holder = data
        for part in path:
            holder = holder[part]
        del holder[last]
    return loaded(kind, data)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--fold", action="store_true", help="take those that fold a dialogue, too")
    parser.add_argument("--passed", action="store_true", help="show what is neither refused nor named")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    sorts: dict[str, Counter[str]] = {}
    for line in options.file.open(encoding="utf-8"):
        rated = json.loads(line)
        trajectory, proposal = loaded(Trajectory, rated["trajectory"]), loaded(Proposal, rated["proposal"])
        if trajectory.is_dialogue and not (proposal.as_dialogue or options.fold):
            counts["dialogues"] += 1
            continue
        if rated["valid"]:
            judged = await through_the_gate(trajectory, proposal)
            counts["valid"] += 1
            counts["valid_refused"] += not judged.accepted
            counts["doubts"] += len(judged.verdicts[0].points) if judged.verdicts else 0
            if not judged.accepted:
                print(f"refused, and valid: {proposal.goal[:200]}\n  {judged.verdicts[-1].reason or judged.why}")
        made = misses(trajectory, proposal) if rated["valid"] else _by_hand(rated, proposal)
        for miss in made:
            judged = await through_the_gate(trajectory, miss.proposal)
            its = sorts.setdefault(miss.sort, Counter())
            named = judged.accepted and names_it(judged.verdicts[0], miss.now)
            its.update(made=1, proof=int(not judged.accepted), named=int(named))
            if options.passed and judged.accepted and not named:
                print(f"passed ({miss.sort}, “{miss.now[:60]}”): {miss.proposal.goal[:400]}")
    show(counts, sorts)


def _by_hand(rated: dict[str, Any], proposal: Proposal) -> Iterator[Miss]:
    """A near-miss that somebody made; of an added demand, the last sentence is what was added."""
    if rated["near_miss"]:
        last = proposal.goal.rstrip(".?! ").replace("?", ".").rpartition(". ")[2]
        yield Miss(f"by hand: {rated['near_miss']}", proposal, last)


def show(counts: Counter[str], sorts: dict[str, Counter[str]]) -> None:
    for sort, its in sorted(sorts.items()):
        rest = its["made"] - its["proof"]
        print(
            f"  {sort:28} {its['proof']:4} of {its['made']:4} refused on proof; a doubt names {its['named']} of {rest}"
        )
    if counts["dialogues"]:
        print(f"  {counts['dialogues']} proposals that fold a dialogue passed over; --fold takes them")
    total: Counter[str] = sum(sorts.values(), Counter())
    result = {
        "valid": counts["valid"],
        "valid_refused": counts["valid_refused"],
        "near_miss": total["made"],
        "near_miss_refused_by_proof": total["proof"],
        "near_miss_named": total["named"],
        "doubts_on_valid": round(counts["doubts"] / max(1, counts["valid"]), 3),
    }
    print(json.dumps(result))
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
