"""Co-evolving agents (arXiv 2511.22254) beside success-only training and ETO's pairs, in a small world of tools.

    python coevolve.py --seeds 1

Every arm starts at the same cloned model and makes as many gradient steps, on the same tasks with the same expert runs.
"""

import argparse
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import mean
from typing import Any

import datasets
import torch
from model import model, tokenizer
from pairs import among_failures, failures, over_failures
from playing import play
from toolworld import agents
from toolworld.rewards import is_hard, reward
from toolworld.tasks import Task, tasks
from toolworld.world import Episode
from training import Lessons, clone, prefer

ARMS = ("success-only", "ETO", "co-evolving")


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults take some minutes on two cores."""

    cloned: int = 400
    """Expert runs that the first model imitates."""
    cloning: int = 600
    """Steps of that."""
    explored: int = 240
    """New tasks in each round."""
    steps: int = 120
    """Of the target in each round, in every arm."""
    failing: int = 50
    """Of the failure agent in each round."""
    rounds: int = 2
    tested: int = 300


@dataclass
class Arm:
    """A target that learns in one of the ways, and its failure agent."""

    name: str
    target: Any
    failing: Any
    made: list[float] = field(default_factory=list)
    """Rewards of what the failure agent made."""


class Loop:
    """One seed."""

    def __init__(self, seed: int, sizes: Sizes) -> None:
        self.seed, self.sizes, self.words = seed, sizes, tokenizer()
        self.tests = [*tasks(sizes.tested, seed, held_out=True)]

    def first(self) -> Any:
        """A model that imitates an expert."""
        made = model(self.words, self.seed)
        runs = [agents.play(task).messages for task in tasks(self.sizes.cloned, self.seed)]
        return clone(made, self.words, runs, Lessons(self.sizes.cloning, 4e-3, self.seed))

    def round(self, arm: Arm, number: int) -> None:
        """Trains the target, and in the co-evolving arm its failure agent before it."""
        new = [*tasks(self.sizes.explored, 1000 * (self.seed + 1) + number)]
        experts = [agents.play(task) for task in new]
        how = Lessons(self.sizes.steps, 1e-3, self.seed)
        if arm.name == "success-only":
            arm.target = clone(arm.target, self.words, [run.messages for run in experts], how)
            return
        failed = failures(self._tries(arm.target, new, 2))
        if arm.name == "co-evolving":
            failed += self._near_misses(arm, new, failed)
            among = [*among_failures(failed)]
            share = len(among) / max(1, len(among) + len(failed))
            first = replace(how, steps=round(how.steps * share))
            arm.target = prefer(arm.target, self.words, among, first, imitate=False)
            how = replace(how, steps=how.steps - first.steps)
        pairs = [*over_failures(experts, failed)]
        arm.target = prefer(arm.target, self.words, pairs, how, imitate=True)

    def _near_misses(self, arm: Arm, new: Sequence[Task], own: Sequence[Episode]) -> list[Episode]:
        """What the failure agent does after it has learned which failures come closer; successes are left out."""
        among = [*among_failures([*own, *failures(self._tries(arm.failing, new, 1))])]
        arm.failing = prefer(
            arm.failing, self.words, among, Lessons(self.sizes.failing, 1e-3, self.seed), imitate=False
        )
        made = self._tries(arm.failing, new, 1)
        arm.made += [reward(run) for run in made]
        return failures(made)

    def _tries(self, agent: Any, new: Sequence[Task], times: int) -> list[Episode]:
        return play(agent, self.words, [task for task in new for _ in range(times)], 1.0)

    def test(self, agent: Any) -> tuple[float, float]:
        """The shares of held-out tasks at which it succeeds, and at which it fails by little."""
        rewards = [reward(run) for run in play(agent, self.words, self.tests, 0.0)]
        return mean(value == 1 for value in rewards), mean(map(is_hard, rewards))


def main(seeds: int, sizes: Sizes) -> None:
    """Prints what every arm reached in every round, averaged over the seeds."""
    torch.set_num_threads(2)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    found: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    made: list[float] = []
    for seed in range(seeds):
        began = time.monotonic()
        torch.manual_seed(seed)
        loop = Loop(seed, sizes)
        first = loop.first()
        found[0, "cloned"].append(loop.test(first))
        for name in ARMS:
            arm = Arm(name, first, first)
            for number in range(1, sizes.rounds + 1):
                loop.round(arm, number)
                found[number, name].append(loop.test(arm.target))
                success, hard = found[number, name][-1]
                print(f"seed {seed}, round {number}, {name}: success {success:.1%}, hard {hard:.1%}", flush=True)
            made += arm.made
        print(f"seed {seed}: {time.monotonic() - began:.0f} s", flush=True)
    print(table(found))
    shares = mean(value == 1 for value in made), mean(map(is_hard, made))
    print(f"Of what the failure agent made, {shares[0]:.0%} succeeded and was left out, {shares[1]:.0%} was hard.")


def table(found: dict[tuple[int, str], list[tuple[float, float]]]) -> str:
    """In Markdown; in brackets the least and the most of the seeds."""
    lines = ["| round | arm | success | hard negatives | other failures |", "|---|---|---|---|---|"]
    for (number, arm), values in sorted(found.items(), key=lambda item: item[0][0]):
        success, hard = ([one[place] for one in values] for place in (0, 1))
        spread = f"{mean(success):.1%} ({min(success):.1%} to {max(success):.1%})"
        lines.append(f"| {number} | {arm} | {spread} | {mean(hard):.1%} | {1 - mean(success) - mean(hard):.1%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    main(parser.parse_args().seeds, Sizes())
