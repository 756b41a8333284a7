"""How many wrong goals the mechanical judge refuses, and how many true ones: no model, no network.

    python benchmarks/probe.py [LOGS ...]

Goals are made by rules from the sample logs, and from the corpora where they lie beside the repository; the
wrong ones are their near-miss twins. The goals that rules make are easy to judge, so the share of true goals
refused is also told for the goals written by hand in `tests/cases/probe`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from agenther.judges.grounded import grounded
from agenther.pipeline import Crew, process, sample
from agenther.probe.measure import probe
from agenther.probe.report import GATE, TRUE, Report
from agenther.probe.spots import Kind
from agenther.readers.reading import read
from agenther.records import Sample, Trajectory
from agenther.settings import Settings
from agenther.stages import by_rules
from agenther.tally.shares import Share

ROOT = Path(__file__).resolve().parents[1]
LOGS = (ROOT / "data", ROOT.parent / "shared" / "corpora")
CHECKED = (Kind.NUMBER, Kind.DATE, Kind.URL, Kind.QUOTED)
"""Of these 97 % must be refused by the mechanical judge alone."""


async def by_rule(logs: list[Path]) -> list[tuple[Sample, Trajectory]]:
    """Every goal that rules propose for the logs, with its run; what the judge refuses, too."""
    crew = Crew({"classify": by_rules.classify, "extract": by_rules.extract}, by_rules.relabel, {"grounded": grounded})
    made = []
    for run in read(logs):
        if isinstance(run, Trajectory):
            result = await process(run, crew, Settings(assume_failed=True))
            for number, judged in enumerate(result.judged, 1):
                assert result.diagnosis is not None
                made.append((sample(run, result.diagnosis, judged, number), run))
    return made


def by_hand() -> Iterator[tuple[Sample, Trajectory]]:
    """The goals in `tests/cases/probe`, as samples of their runs."""
    sys.path.insert(0, str(ROOT / "tests"))
    from probe_cases import samples  # noqa: PLC0415 - lies among the tests

    return samples()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", nargs="*", type=Path, default=[path for path in LOGS if path.exists()])
    parser.add_argument("--passed", action="store_true", help="show the twins that got through")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args()
    reports: dict[str, Report] = {}
    for name, samples in (("rules", asyncio.run(by_rule(options.logs))), ("by hand", list(by_hand()))):
        reports[name] = asyncio.run(probe(samples, {"grounded": grounded}))
    if options.json:
        print(json.dumps({name: report.model_dump(mode="json") for name, report in reports.items()}))
        return
    for name, report in reports.items():
        show(name, report, passed=options.passed)
    print("\nBoth")
    show_both(reports)


def show_both(reports: dict[str, Report]) -> None:
    """Both sets together: what the targets are about."""
    for title, share in (
        ("wrong numbers, dates, addresses, quoted words refused on proof (>= 97 %)", "checked"),
        ("true goals refused on proof (<= 1 %)", "true"),
        ("of the others, those that a doubt names (>= 90 %)", "named"),
    ):
        found = [_share(report, share) for report in reports.values()]
        print(f"{line(Share(part=sum(one.part for one in found), of=sum(one.of for one in found)))}   {title}")


def _share(report: Report, what: str) -> Share:
    if what == "named":
        return report.named(*Kind)
    return report.proved(*(CHECKED if what == "checked" else (TRUE,)))


def show(name: str, report: Report, *, passed: bool) -> None:
    print(f"\nGoals made by {name}" if name == "rules" else "\nGoals written by hand")
    for kind in Kind:
        hard, easy = (report.refused(GATE, kind, from_run=which) for which in (True, False))
        print(f"  {kind:12} {line(report.refused(GATE, kind))}   words of the run {line(hard)}   others {line(easy)}")
    print(f"  checked      {line(report.refused(GATE, *CHECKED))}   (numbers, dates, addresses, quoted words)")
    print(f"    on proof   {line(report.proved(*CHECKED))}   (>= 97 %)")
    print(f"  all others   {line(report.named(*Kind))}   (not proved wrong, and named in a doubt: >= 90 %)")
    print(f"  true goals   {line(report.refused(GATE, TRUE))}   (refused, since nobody is asked about doubts)")
    print(f"    on proof   {line(report.proved(TRUE))}   (<= 1 %)")
    points = sum(one.points for one in report.unproven if one.kind == TRUE)
    print(f"    doubts     {points / max(1, report.named(TRUE).of):.2f} each")
    for one in report.passed if passed else ():
        print(f"    {one.kind}: {one.twin}   [{one.goal}]")


def line(share: Share) -> str:
    if not share.of:
        return "none".ljust(36)
    low, high = share.interval
    return f"{share.part:4d} of {share.of:4d} {share.value:7.1%} [{low:6.1%}, {high:6.1%}]"


if __name__ == "__main__":
    main()
