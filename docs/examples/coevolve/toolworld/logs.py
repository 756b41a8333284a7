"""Runs as logs of chat messages with tools, in the way in which agents are most often logged."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from toolworld.domains import schemas
from toolworld.rewards import reward
from toolworld.world import Episode


def record(run: Episode) -> dict[str, Any]:
    """One run; `score` is its reward."""
    template, score = run.task.template, reward(run)
    return {
        "id": run.task.id,
        "task_id": run.task.id,
        "domain": template.domain.name,
        "template": template.id,
        "success": score == 1,
        "score": round(score, 4),
        "tools": [tool for tool in schemas() if tool["function"]["name"] in template.domain.tools],
        "messages": run.messages,
    }


def write(path: Path, runs: Iterable[Episode]) -> None:
    """A run a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record(run)) + "\n" for run in runs)
