"""How runs come together by task: read once, however many tasks there are and whoever asks."""

from builders import a_batch, a_pick, a_step
from two_runs import failure, success

from agenther.packagers.pairs.tasks import RUNS_PER_TASK, Measure, tasks

TASKS = 150
FIRST = Measure(lambda *_: 0.0, lambda *_: {})


def test_runs_of_many_tasks_are_read_once_for_all_who_ask():
    runs = [make(n, task_id=str(n)) for make in (success, failure) for n in range(TASKS)]
    reads = []
    batch = a_batch()._replace(runs=lambda: reads.append(runs) or iter(runs))
    for _ in range(3):
        found = [(held.name, held.runs[True], held.runs[False]) for held in tasks(batch, FIRST)]
        assert found == [(f"task:shop/{n}", [runs[n]], [runs[TASKS + n]]) for n in range(TASKS)]
    assert len(reads) == 1


def test_the_first_goals_of_a_task_are_held_as_they_are():
    runs = [failure(n, steps=(a_step(1, arguments={"q": str(n)}),)) for n in range(2)]
    picks = tuple(a_pick(0.1 * n, id=f"pick-{n}", run_id=runs[n // 4].id) for n in range(8))
    (held,) = tasks(a_batch(*runs, picks=picks), FIRST)
    assert held.picks == [*picks[:RUNS_PER_TASK]]
