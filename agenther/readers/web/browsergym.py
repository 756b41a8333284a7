"""BrowserGym's and AgentLab's experiment folders: one run a folder, its steps in pickles.

    2025-01-22_11-03-29_Agent_on_miniwob.click-dialog_14/
        summary_info.json     {"n_steps": 1, "cum_reward": 1.0, "terminated": true, "truncated": false, "err_msg": null}
        exp_args.pkl          env_args.task_name, env_args.task_seed
        goal_object.pkl.gz    [{"type": "text", "text": "Close the dialog."}]
        step_0.pkl.gz         obs: what the agent saw; action: "click('14')"; agent_info.think
        step_1.pkl.gz         obs: what that led to; the last step has no action

The summary is the file that stands for the run; where it is missing, one of the others does. Pickles are read as data,
see `pickles`: nothing in them runs.
"""

import ast
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import run
from agenther.readers.content import content_text
from agenther.readers.json_text import literal
from agenther.readers.json_values import MAX_LINE_BYTES
from agenther.readers.labels.told import part
from agenther.readers.labels.told import reward as near
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, first_in, name_of, number, text
from agenther.readers.web.pages import Page, steps
from agenther.readers.web.pickles import load
from agenther.records import Action, Ending, Label, Reason, Trajectory
from agenther.text.lexicon import table

NAME = "browsergym"
ARGUMENTS = "exp_args.pkl"
STANDS_FOR_RUN = ("summary_info.json", ARGUMENTS, "step_0.pkl.gz")
GOAL = "goal_object.pkl.gz"
PAGES = ("axtree_txt", "pruned_html", "dom_txt")
"""Fields of what an agent saw that hold the page as text; the first that there is counts."""
TELLS = {"send_msg_to_user": Ending.ANSWERED, "report_infeasible": Ending.GAVE_UP}
MAX_ACTION = 100_000
"""Characters of an action that is looked into; a longer one stays text."""
_FOLDER = re.compile(r"_on_(?P<task>.+)_(?P<seed>\d+)(?:_[0-9a-f]+)?$")
_STEP = re.compile(r"step_(\d{1,9})\.pkl\.gz")


def recognizes(head: Head) -> Fit:
    """Is it the file that stands for the run of its folder?"""
    folder = head.path.parent
    first = next((name for name in STANDS_FOR_RUN if (folder / name).is_file()), None)
    is_ours = head.path.name == first and (
        not first.endswith(".json") or "cum_reward" in head.first or (folder / STANDS_FOR_RUN[-1]).is_file()
    )
    return Fit.sure(is_ours)


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """The run of the folder in which the file lies."""
    folder = log.path.parent
    found = {int(step[1]): path for path in folder.iterdir() if (step := _STEP.fullmatch(path.name))}
    if not found:
        raise ReadError(Reason.NO_STEPS, "the folder holds no step_<n>.pkl.gz")
    summary = fields(log.document()) if log.path.suffix == ".json" else {}
    whole = list(takewhile(found.__contains__, count(min(found))))
    beside = [path for path in (folder / ARGUMENTS, folder / GOAL) if path.is_file()]
    log = replace(log, parts=tuple(path for path in (*beside, *map(found.__getitem__, whole)) if path != log.path))
    yield _run(log, summary, [fields(_pickle(found[n])) for n in whole], cut=len(whole) <= max(found))


def _pickle(path: Path) -> Any:
    """What a pickle holds, packed or not. Raises ReadError when it is none, or too large."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MAX_LINE_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(Reason.MALFORMED, f"{path.name}: {error}") from None
    if len(data) > MAX_LINE_BYTES:
        raise ReadError(Reason.TOO_LARGE, f"{path.name}: a pickle may have {MAX_LINE_BYTES:,} bytes")
    try:
        return load(data)
    except ReadError as error:
        raise ReadError(error.reason, f"{path.name}: {error}") from None


def _run(log: Log, summary: dict[str, Any], told: list[dict[str, Any]], *, cut: bool) -> Trajectory:
    task, seed = _task(log.path.parent)
    pages = [_page(step) for step in told]
    is_open = len(pages) > 1 and not pages[-1].acts
    made = steps(pages, open_end=is_open)
    over = summary or told[-1]
    is_over = any(over.get(name) is True for name in ("terminated", "truncated"))
    crash = text(summary.get("err_msg")) or text(summary.get("stack_trace"))
    ending = Ending.CRASHED if crash else Ending.STEP_LIMIT if over.get("truncated") is True else None
    last = made[-1].action
    answer = next(iter(map(str, last.arguments.values())), "") if last.name in TELLS and not ending else None
    benchmark = task.partition(".")[0]
    return run(
        log.source(NAME),
        made,
        answer,
        goal=_goal(log.path.parent, fields(told[0].get("obs"))),
        task_id=f"{task}/{seed}" if seed else task,
        benchmark=benchmark,
        domain=benchmark,
        template=task,
        system=_system(told[0]),
        start=pages[0].seen,
        ending=ending or TELLS.get(last.name, Ending.UNKNOWN),
        label=_label(summary, told, is_over=bool(crash) or is_over),
        failure_reason=crash,
        flags=("steps-missing",) * cut,
    )


def _label(summary: dict[str, Any], told: list[dict[str, Any]], *, is_over: bool) -> Label:
    """By the reward of a run that came to its end: all of it succeeds, none fails."""
    name = "cum_reward" if summary else "reward"
    reward = number(summary.get(name)) if summary else sum(number(step.get(name)) or 0 for step in told)
    if reward is None or not is_over:
        return Label()
    success = True if reward >= 1 else False if reward <= 0 else None
    return Label(success=success, source=name, score=reward, **near(part(reward)))


def _task(folder: Path) -> tuple[str, str]:
    """(name, seed) of the task, by the experiment's arguments, else by the folder's name."""
    path = folder / ARGUMENTS
    given = fields(fields(_pickle(path)).get("env_args")) if path.is_file() else {}
    named = _FOLDER.search(folder.name)
    task, seed = text(given.get("task_name")), name_of(given.get("task_seed"))
    return task or (named["task"] if named else ""), seed or (named["seed"] if named else "")


def _goal(folder: Path, seen: dict[str, Any]) -> str:
    path = folder / GOAL
    told = _pickle(path) if path.is_file() else seen.get("goal_object")
    return (content_text(told) if isinstance(told, list) else "") or text(seen.get("goal"))


def _page(step: dict[str, Any]) -> Page:
    seen = fields(step.get("obs"))
    page = next((text(seen[name]) for name in PAGES if text(seen.get(name)).strip()), "")
    thought = text(fields(step.get("agent_info")).get("think"))
    acts = actions(text(step.get("action")))
    return Page(page, acts, thought, text(seen.get("url")), text(seen.get("last_action_error")) or None)


def _system(step: dict[str, Any]) -> str:
    messages = fields(fields(step.get("agent_info")).get("chat_messages")).get("messages")
    first = first_in(messages)
    return content_text(first.get("content")) if first.get("role") == "system" else ""


def actions(said: str) -> tuple[Action, ...]:
    """The calls that an action's text makes, one after the other; text that is no such call stays as it is."""
    if not said.strip():
        return ()
    try:
        lines = ast.parse(said.strip()).body if len(said) <= MAX_ACTION else []
        made = [_call(line.value) if isinstance(line, ast.Expr) else None for line in lines]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        made = []
    whole = tuple(action for action in made if action)
    return whole if whole and len(whole) == len(made) else (Action(name="code", raw=said),)


def _call(node: ast.expr) -> Action | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    name = node.func.id
    known: list[str] = table("agenther.readers.web.lexicon", "browsergym").get(name, [])
    names = [known[n] if n < len(known) else f"argument_{n + 1}" for n in range(len(node.args))]
    named = {**dict(zip(names, node.args, strict=True)), **{one.arg: one.value for one in node.keywords if one.arg}}
    given = ast.Dict(keys=[ast.Constant(key) for key in named], values=list(named.values()))
    arguments = literal(ast.unparse(given))
    return Action(name=name, arguments=arguments) if isinstance(arguments, dict) else None


READER = Reader(
    "BrowserGym and AgentLab experiment folders",
    recognizes,
    read,
    side_files=(*STANDS_FOR_RUN, GOAL, "step_*.pkl.gz", "study.pkl.gz", "experiment.log"),
)
