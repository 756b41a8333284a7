"""Weights of the signs by which rules look for the decisive step, and how good they are on runs not seen before.

    python benchmarks/attribution.py LOGS [--faults LOGS] [--fit]

LOGS hold runs of which people say who erred and when. Each run is judged with weights that were fitted without it, nor
any other of its task. --faults names logs of runs that succeeded: into each a fault is put, one value of one call taken
from nowhere, and they count a tenth. --fit prints the weights for `agenther/stages/lexicon/attribution.toml`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from rich.console import Console
from scipy.optimize import minimize

from agenther.attribution.evaluate import evaluation
from agenther.attribution.labels import Truth, label
from agenther.attribution.told import evaluated
from agenther.cli.show import show
from agenther.readers.reading import read
from agenther.records import Attribution, Blame, Label, Suspect, Trajectory
from agenther.stages.attribute.signals import SIGNS, Signs

PENALTY = 3.0
OF_FAULTS = 0.1


class Run(NamedTuple):
    trajectory: Trajectory
    truth: Truth
    signs: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
    weight: float


NAMES: list[str] = []


def prepared(trajectory: Trajectory, weight: float = 1.0) -> Run | None:
    told = label(trajectory)
    if told is None or told.truth is None:
        return None
    signs = list(Signs(trajectory).all())
    NAMES[:] = list(signs[0])
    return Run(trajectory, told.truth, np.array([list(one.values()) for one in signs]), weight)


def with_fault(trajectory: Trajectory) -> Trajectory | None:
    """The run with one value of one call replaced by one that stands nowhere, and a label that says so."""
    random = Random(trajectory.id)
    able = [step for step in trajectory.steps if step.says is None and step.action.arguments]
    if len(trajectory.steps) < 3 or not able:
        return None
    step = random.choice(able)
    name = random.choice(sorted(step.action.arguments))
    changed = {**step.action.arguments, name: f"{random.choice('KQRZ')}-{random.randint(10_000, 99_999)}"}
    action = step.action.model_copy(update={"arguments": changed})
    steps = [one.model_copy(update={"action": action}) if one.n == step.n else one for one in trajectory.steps]
    steps = [one.model_copy(update={"message": one.n}) for one in steps]
    told = {"blame": Blame(agent=step.agent, message=step.n), "label": Label(success=False, source="a fault put in")}
    return trajectory.model_copy(update={"steps": tuple(steps), **told})


def fitted(runs: Sequence[Run], columns: Sequence[int]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Weights of a conditional logit over the steps of each run, with a ridge penalty."""

    def loss(weights: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, object]:
        total, slope = PENALTY / 2 * weights @ weights, PENALTY * weights
        for run in runs:
            signs = run.signs[:, columns]
            scores = signs @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            at = run.truth.step - 1
            total -= run.weight * np.log(max(shares[at], 1e-12))
            slope = slope - run.weight * (signs[at] - shares @ signs)
        return total, slope

    return minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x


def named(run: Run, weights: object, columns: Sequence[int], method: str) -> Attribution:
    order = np.argsort(-(run.signs[:, columns] @ weights), kind="stable")[:3]
    steps = run.trajectory.steps
    suspects = tuple(Suspect(step=int(n) + 1, agent=steps[n].agent, weight=0) for n in order)
    return Attribution(run_id=run.trajectory.id, suspects=suspects, method=method)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--faults", type=Path)
    parser.add_argument("--fit", action="store_true")
    chosen = parser.parse_args()
    trajectories = [one for one in read([chosen.logs]) if isinstance(one, Trajectory)]
    runs = [run for one in trajectories if (run := prepared(one))]
    sound = [one for one in read([chosen.faults]) if isinstance(one, Trajectory)] if chosen.faults else []
    put_in = [made for one in sound if one.label.success and (made := with_fault(one))]
    faults = [run for one in put_in if (run := prepared(one, OF_FAULTS))]
    everything = list(range(len(NAMES)))
    signs_alone = [n for n, name in enumerate(NAMES) if name in SIGNS]
    place_alone = [n for n, name in enumerate(NAMES) if name not in SIGNS]
    found: dict[str, dict[str, Attribution]] = {}
    for method, columns in (("rules", everything), ("signs alone", signs_alone), ("place alone", place_alone)):
        found[method] = {}
        for run in runs:
            others = [one for one in runs if one.truth.task != run.truth.task] + faults
            found[method][run.trajectory.id] = named(run, fitted(others, columns), columns, method)
    print(f"{len(runs)} labelled runs, {len(faults)} with a fault put in")
    labels = [told for run in runs if (told := label(run.trajectory))]
    show(evaluated(evaluation(labels, found)))
    if chosen.fit:
        weights = fitted([*runs, *faults], everything)
        for name, weight in zip(NAMES, weights, strict=True):
            Console().print(f'"{name}" = {weight:.2f}', highlight=False, markup=False)


if __name__ == "__main__":
    main()
