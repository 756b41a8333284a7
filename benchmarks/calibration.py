"""Does the guarantee of `agenther calibrate` hold? Draws of ratings from populations whose truth is known.

    python benchmarks/calibration.py [--draws 1000] [--rated 400]

For each population, the share of draws whose threshold has a true precision below the target (at most 5 % may), how
often a threshold was found, and what share of what is valid it lets through. Runs have several pairs that go wrong
together, as in real runs.
"""

import argparse
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from agenther.ratings.calibrate import calibrate
from agenther.ratings.items import Item
from agenther.ratings.opinion import Opinion
from agenther.settings import Settings

TARGET = 0.97
RISK = 0.05
RUNS = 3_000
POPULATIONS: dict[str, Callable[[float], float]] = {
    "scores tell the truth": lambda score: 0.9 + score / 10,
    "sure ones are right": lambda score: 0.995 if score >= 0.8 else 0.9,
    "all are just below the target": lambda _: TARGET - 0.001,
    "all are above the target": lambda _: TARGET + 0.02,
    "the surest are the worst": lambda score: 0.999 - 0.05 * score,
}


class Truth(NamedTuple):
    items: list[Item]
    valid: dict[str, bool]


def population(true: Callable[[float], float], random: Random) -> Truth:
    """Runs of one to four pairs; a hard run is wrong in all of them more often."""
    items, valid = [], {}
    for run in range(RUNS):
        luck = random.random()
        for number in range(random.randint(1, 4)):
            score = round(random.betavariate(5, 1), 2)
            item = an_item(f"{run}~{number}", str(run), score)
            items.append(item)
            valid[item.id] = (luck if random.random() < 0.5 else random.random()) < true(score)
    return Truth(items, valid)


def an_item(name: str, run: str, score: float) -> Item:
    return Item(
        id=name,
        run_id=run,
        format="",
        benchmark="",
        failure_type="",
        goal="",
        accepted=score >= 0.5,
        score=score,
        refusals=(),
        doubts=(),
    )


def draws(truth: Truth, rated: int, random: Random, number: int) -> Iterator[tuple[float | None, float]]:
    """(true precision or None where none was found, share of what is valid that is let through) for each draw."""
    by_run: dict[str, list[Item]] = {}
    for item in truth.items:
        by_run.setdefault(item.run_id, []).append(item)
    for _ in range(number):
        drawn = [random.choice(by_run[run]) for run in random.sample(sorted(by_run), rated)]
        opinions = {item.id: Opinion(item.id, item.run_id, truth.valid[item.id], "random", ()) for item in drawn}
        chosen = calibrate(truth.items, opinions, TARGET, Settings(), RISK).chosen
        yield measured(truth, by_run, chosen.threshold) if chosen else (None, 0.0)


def measured(truth: Truth, by_run: dict[str, list[Item]], threshold: float) -> tuple[float, float]:
    """Precision of a pair drawn from a run that is drawn from all, among those that reach the threshold."""
    chances = [(1 / len(some), one) for some in by_run.values() for one in some]
    reached = [(chance, truth.valid[one.id]) for chance, one in chances if one.score >= threshold]
    right = sum(weight for weight, valid in reached if valid)
    let_through = sum(valid for _, valid in reached) / sum(truth.valid.values())
    return right / sum(weight for weight, _ in reached), let_through


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--rated", type=int, default=400)
    chosen = parser.parse_args()
    for name, true in POPULATIONS.items():
        random = Random(name)
        found = list(draws(population(true, random), chosen.rated, random, chosen.draws))
        missed = sum(precision is not None and precision < TARGET for precision, _ in found)
        some = [let for precision, let in found if precision is not None]
        through = sum(some) / len(some) if some else 0.0
        print(
            f"{name}: below {TARGET} in {missed} of {len(found)} draws ({missed / len(found):.1%}); a threshold in "
            f"{len(some)}, letting through {through:.0%} of what is valid"
        )


if __name__ == "__main__":
    main()
