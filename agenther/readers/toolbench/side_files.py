"""ToolBench's side files: who solved what (pass-rate files), and those that are only queries or comparisons.

    pass_rate_results/chatgpt_cot/G1_tool_chatgpt_cot.json
    {"101": {"query": "...", "is_solved": "AnswerStatus.Unsolved", "reason": "No answer", "passed": 4, ...}}
    {"101": {"query": "...", "is_solved": {"0": "AnswerStatus.Solved", "1": "AnswerStatus.Unsure", ...}}}

They may also stand as <model>/pass_rate_results/G1_tool_<model>.json, and the answers as
<model>/model_predictions/G1_tool.json. A verdict belongs to a run by its content, see `verdicts`.

Only `is_solved` is success. `passed` is not: it counts giving up on a task that was found unsolvable.
"""

from typing import Any

from agenther.readers.log import Head

_LABEL_FIELDS = frozenset("is_solved task_solvable answer_steps final_step not_hallucinate passed failed".split())
_QUERY_FIELDS = frozenset({"query", "query_id", "api_list", "relevant APIs"})


def accompanies(head: Head) -> bool:
    """A pass-rate file, a query file, a list of query ids, or a preference comparison."""
    fields = head.first.keys()
    if "api_list" in fields or ("query" in fields and len(fields) > 1 and fields <= _QUERY_FIELDS):
        return True
    value = head.value
    if not isinstance(value, dict) or not value:
        return False
    if all(key.isdecimal() and type(item) is int for key, item in value.items()):
        return True  # query ids to choose from
    return any(isinstance(item, dict) and _is_verdict(item) for item in value.values())


def _is_verdict(item: dict[str, Any]) -> bool:
    return len(_LABEL_FIELDS & item.keys()) >= 2 or "is_solved" in item or "round_0" in item
