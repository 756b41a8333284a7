"""tau2-bench results: simulations of an agent and a user who both may call tools, with the tasks beside them.

    {"timestamp": "…",
     "info": {"user_info": {…}, "agent_info": {…}, "environment_info": {"domain_name": "library", "policy": "…"}},
     "tasks": [{"id": "7", "ticket": null, "user_scenario": {"instructions": {"domain": "library",
                "reason_for_call": "You want …", "known_info": "You are …", "task_instructions": "…"}}}],
     "simulations": [{"id": "…", "task_id": "7", "trial": 0, "termination_reason": "user_stop",
        "reward_info": {"reward": 0.0, "reward_breakdown": {"DB": 0.0, "COMMUNICATE": 1.0}},
        "messages": [{"role": "assistant", "content": "Hi!"}, {"role": "user", "content": "I want …"},
            {"role": "assistant", "tool_calls": [{"id": "c1", "name": "find", "arguments": {}}]},
            {"role": "tool", "id": "c1", "content": "…", "requestor": "assistant", "error": false}]}]}

The goal is the scenario, which only the simulated user knew; without a user it is the ticket, which the agent saw.
Tools that the user called are no acts of the agent. A simulation may also stand in a file of its own, in `simulations/`
beside a `results.json` with the tasks.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified, tools
from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Message, read_all
from agenther.readers.chat.turns import RESPOND, conversation
from agenther.readers.content import joined
from agenther.readers.dialogue.tau_bench import HANDED_OVER, TRIAL, rewarded
from agenther.readers.dialogue.tau_bench import STOPPED as WORD
from agenther.readers.json_values import Record
from agenther.readers.labels.told import reward
from agenther.readers.log import Folder, Head, Log
from agenther.readers.values import each, fields, items, name_of, number, text, unpacked
from agenther.records import Ending, Label, Source, Trajectory

NAME = "tau2-bench"
STOPPED = ("user_stop", "agent_stop")
RESULTS = "results.json"
SIMULATIONS = "simulations"


def recognizes(head: Head) -> Fit:
    """Results, or a simulation; the evaluation of one has no messages."""
    is_simulation = {"task_id", "termination_reason", "reward_info", "messages"} <= head.first.keys()
    return Fit.sure((is_simulation or _are_results(head)) and not _is_overview(head))


def _are_results(head: Head) -> bool:
    return {"user_info", "agent_info"} <= fields(head.first.get("info")).keys()


def _is_overview(head: Head) -> bool:
    """Does the file only tell the tasks of simulations that have files of their own?"""
    return head.path.name == RESULTS and (head.path.parent / SIMULATIONS).is_dir()


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """Every simulation, as a run with the key "task/trial"."""
    for results, found in _found(log):
        yield from each(log, NAME, found, partial(_simulation, results), TRIAL)


def _found(log: Log) -> Iterator[tuple[dict[str, Any], list[Record]]]:
    """Simulations, with the results that tell their tasks."""
    if isinstance(log.head.value, dict) and _are_results(log.head) and not log.is_lines:
        yield log.parted(SIMULATIONS)
        return
    for line, place, value in log.records():
        if SIMULATIONS in fields(value):
            yield value, [(line, str(n), one) for n, one in enumerate(items(value[SIMULATIONS]))]
        else:
            yield log.folder.once("tau2 results", _around), [(line, place, value)]


def _around(folder: Path) -> dict[str, Any]:
    """The results file beside the folder of a lone simulation; {} where there is none that can be read."""
    path = folder.parent / RESULTS
    try:
        return fields(Log(path, path.name, Folder(folder.parent)).document()) if path.is_file() else {}
    except (OSError, ReadError):
        return {}  # the walk over the folder rejects it


def _simulation(results: dict[str, Any], source: Source, value: Any) -> Trajectory:
    record = fields(value)
    task_id = name_of(record.get("task_id"))
    tasks = map(fields, items(results.get("tasks")))
    task = next((task for task in tasks if task_id and name_of(task.get("id")) == task_id), {})
    world = fields(fields(results.get("info")).get("environment_info"))
    messages = list(read_all(unpacked(record.get("messages")), _messages_of))
    alone = not any(message.role == "user" for message in messages)
    wanted = text(task.get("ticket")) if alone else _scenario(task)
    said = conversation(messages, wanted)
    ended = record.get("termination_reason")
    *steps, last = said.steps
    closes = ended in STOPPED and last.action.name == RESPOND
    answer = said.reply if said.reply and said.reply.strip() != WORD else None
    calls = [step.action.name for step in said.steps if step.action.name != RESPOND]
    domain = text(world.get("domain_name")) or text(_instructions(task).get("domain"))
    return identified(
        Trajectory(
            id="",
            source=source,
            goal=said.goal,
            goal_seen=alone or not wanted,
            task_id=task_id,
            benchmark=NAME,
            domain=domain,
            template=f"{NAME}/{domain}/{task_id}" if task_id else "",
            system=joined([text(world.get("policy")), said.system]),
            tools=tools(unpacked(world.get("tool_defs"))),
            start=said.start,
            steps=(*steps, last.model_copy(update={"final": closes})),
            answer=answer,
            ending=_ending(ended, calls[-1:], answered=closes and answer is not None),
            label=_label(fields(record.get("reward_info"))),
            failure_reason=_why(record),
            flags=said.flags,
        )
    )


_CHECKS = {
    "DB": ("db_check", "db_match"),
    "ENV_ASSERTION": ("env_assertions", "met"),
    "ACTION": ("action_checks", "action_match"),
    "NL_ASSERTION": ("nl_assertions", "met"),
    "COMMUNICATE": ("communicate_checks", "met"),
}
"""Of each basis of the reward, where its checks stand, and which of their fields says whether they were met."""


def _label(info: dict[str, Any]) -> Label:
    """By the reward, which is all or nothing; how near the run came is the share of the checks it is made of."""
    told = rewarded(info)
    basis = dict.fromkeys(map(name_of, items(info.get("reward_basis"))))
    places = [_CHECKS[name] for name in basis if name in _CHECKS]
    checks = [fields(one).get(met) for name, met in places for one in items(info.get(name)) or [info.get(name)]]
    known = [check for check in checks if isinstance(check, bool)]
    return told.model_copy(update=reward(sum(known) / len(known), "checklist")) if known else told


def _messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """What the agent said or saw of one message; several results may stand in one."""
    inside = raw.get("tool_messages")
    if isinstance(inside, list):
        yield from read_all(inside, _messages_of)
    elif raw.get("role") == "tool" and raw.get("requestor") == "user":
        return
    elif raw.get("role") == "user":
        if words := text(raw.get("content")):
            yield Message("user", words)
    else:
        yield from dialects.messages_of(raw)


def _instructions(task: dict[str, Any]) -> dict[str, Any]:
    return fields(fields(task.get("user_scenario")).get("instructions"))


def _scenario(task: dict[str, Any]) -> str:
    """What the simulated user was told, as text or in parts."""
    scenario = task.get("user_scenario")
    whole = text(scenario) or text(fields(scenario).get("instructions"))
    return whole or joined(text(part) for name, part in _instructions(task).items() if name != "domain")


def _ending(ended: Any, last: list[str], *, answered: bool) -> Ending:
    if last == [HANDED_OVER]:
        return Ending.GAVE_UP
    if answered:
        return Ending.ANSWERED
    if ended == "max_steps":
        return Ending.STEP_LIMIT
    return Ending.CRASHED if isinstance(ended, str) and "error" in ended else Ending.UNKNOWN


def _why(record: dict[str, Any]) -> str | None:
    """How the simulation ended, if not by the word to stop, and which of its checks gave nothing."""
    ended = text(record.get("termination_reason"))
    checks = fields(fields(record.get("reward_info")).get("reward_breakdown"))
    unmet = [name for name, reward in checks.items() if number(reward) == 0]
    told = [ended] if ended not in STOPPED else []
    return "; ".join([*filter(None, told), *([f"not met: {', '.join(unmet)}"] if unmet else [])]) or None


READER = Reader(
    "tau2-bench results and simulations",
    recognizes,
    read,
    accompanies=_is_overview,
    needs=("task_id", "messages[].role", "termination_reason", "reward_info"),
)
