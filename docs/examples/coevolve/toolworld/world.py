"""The world of one task: what calls give and change, and what of the task is done in the end."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from toolworld.domains import Domain, owners
from toolworld.tasks import Row, Task

MOST_CALLS = 6
"""After so many the run is over, whether the agent has answered or not."""
Value = str | int


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: dict[str, Value]


@dataclass(frozen=True)
class Change:
    """What a call has changed for good."""

    kind: Literal["take", "drop", "send"]
    what: str
    """The id of the thing that was taken, or the receipt that was dropped or sent."""
    how: Value = ""
    """For how long it was taken, or to whom it was sent."""


@dataclass
class Episode:
    """One run of an agent: give it `act` until it is over."""

    task: Task
    messages: list[dict[str, Any]] = field(default_factory=list)
    """As chat endpoints have them."""
    calls: list[Call] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answer: str | None = None

    def __post_init__(self) -> None:
        self.messages.append({"role": "user", "content": self.task.goal})

    @property
    def is_over(self) -> bool:
        return self.answer is not None or len(self.calls) >= MOST_CALLS

    def act(self, reply: Call | str) -> dict[str, Any]:
        """What a call gives; an answer gives nothing, and ends the run."""
        if isinstance(reply, str):
            self.answer = reply
            self.messages.append({"role": "assistant", "content": reply})
            return {}
        self.calls.append(reply)
        name = f"call_{len(self.calls)}"
        function = {"name": reply.tool, "arguments": json.dumps(reply.arguments)}
        call = {"id": name, "type": "function", "function": function}
        self.messages.append({"role": "assistant", "content": "", "tool_calls": [call]})
        result = self._result(reply)
        self.messages.append({"role": "tool", "tool_call_id": name, "content": json.dumps(result)})
        return result

    def _result(self, call: Call) -> dict[str, Any]:
        domain = owners().get(call.tool)
        if domain is None:
            return {"error": f"no tool {call.tool}"}
        expected = domain.tools[call.tool][1]
        for name, kind in expected.items():
            if name not in call.arguments and name in domain.optional:
                continue
            if not isinstance(call.arguments.get(name), int if kind == "integer" else str):
                return {"error": f"{name} missing"}
        if call.tool == domain.search:
            return self._search(domain, call.arguments)
        values = [call.arguments[name] for name in expected]
        if call.tool in (domain.details, domain.take["tool"]):
            return self._item(domain, call.tool, values)
        return self._receipt(domain, call.tool, values)

    def _search(self, domain: Domain, asked: dict[str, Value]) -> dict[str, Any]:
        place, name, most = (asked.get(key) for key in (domain.place, "name", "most"))
        rows = self.task.rows.get((domain.name, str(place)))
        if rows is None:
            return {"error": f"no {domain.place} {place}"}
        match asked.get("sort"):
            case "rating":
                rows = tuple(sorted(rows, key=lambda row: -row.rating))
            case field if field == domain.low["field"]:
                rows = tuple(sorted(rows, key=lambda row: row.low))
            case str(other):
                return {"error": f"no {other} to sort by"}
        rows = tuple(row for row in rows if name in (None, row.name) and (most is None or row.low <= int(most)))
        found = [
            {domain.item: row.id, "name": row.name, domain.low["field"]: row.low, "rating": row.rating} for row in rows
        ]
        return {f"{domain.item}s": found}

    def _item(self, domain: Domain, tool: str, values: list[Value]) -> dict[str, Any]:
        row = next((row for row in self._rows(domain) if row.id == values[0]), None)
        if row is None:
            return {"error": f"no {domain.item} {values[0]}"}
        if tool == domain.details:
            return {domain.item: row.id, domain.fact: row.fact}
        self.changes.append(Change("take", row.id, values[1]))
        return {domain.receipt: self.task.new, domain.item: row.id, domain.amount: values[1]}

    def _receipt(self, domain: Domain, tool: str, values: list[Value]) -> dict[str, Any]:
        has_taken = any(change.kind == "take" for change in self.changes)
        if values[0] not in {self.task.old, self.task.new if has_taken else self.task.old}:
            return {"error": f"no {domain.receipt} {values[0]}"}
        if tool == domain.drop["tool"]:
            self.changes.append(Change("drop", str(values[0])))
            return {domain.receipt: values[0], "status": "dropped"}
        self.changes.append(Change("send", str(values[0]), values[1]))
        return {domain.receipt: values[0], "person": values[1], "status": "sent"}

    def _rows(self, domain: Domain) -> list[Row]:
        return [row for (owner, _), rows in self.task.rows.items() if owner == domain.name for row in rows]
