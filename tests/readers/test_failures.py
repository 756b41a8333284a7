"""What marks a result as an error, and what only looks so."""

import json
from typing import Any

import pytest

from agenther.readers.failures import failure


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        ({"is_error": True}, "is_error: true"),
        ({"isError": True}, "isError: true"),
        ({"error": True}, "error: true"),
        ({"is_error": "true"}, "is_error: true"),
        ({"isError": "TRUE"}, "isError: true"),
        ({"is_error": 1}, "is_error: true"),
        ({"is_error": "yes"}, "is_error: true"),
        ({"error": "no such bird"}, "no such bird"),
        ({"success": "false"}, "success: false"),
        ({"ok": 0}, "ok: false"),
        ({"state": "error"}, "status: error"),
        ({"tool_status": "failed"}, "status: failed"),
        ({"outcome": "failure"}, "status: failure"),
        ({"is_error": 0, "success": "true", "state": "complete"}, None),
        ({"is_error": "no", "ok": 1}, None),
        ({"error": 1.5}, None),
        ({"status": "error"}, "status: error"),
        ({"status": "Failed"}, "status: Failed"),
        ({"success": False}, "success: false"),
        ({"ok": False}, "ok: false"),
        ({"exit_code": 2}, "exit_code: 2"),
        ({"returncode": -9}, "returncode: -9"),
        ({"metadata": {"exit_code": 1}}, "exit_code: 1"),
        ({"extras": {"error": True}}, "error: true"),
        ({"is_error": False, "error": None, "status": "success", "success": True, "exit_code": 0}, None),
        ({"error": ""}, None),
        ({"error": 0.5}, None),
        ({"exit_code": True}, None),
        ({"status": "incomplete"}, None),
        ({"metadata": [1]}, None),
        ({}, None),
    ],
)
def test_marks_beside_a_result(beside: dict[str, Any], why: str | None):
    assert failure('{"metres": 31.5}', beside) == why


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"error": "no such bird", "retry_after": 30}, "no such bird"),
        ({"error": {"code": 7}}, '{"code": 7}'),
        ({"success": False, "message": "no such bird", "metres": 0.0}, "success: false"),
        ({"isError": True, "content": [{"type": "text", "text": "no"}]}, "isError: true"),
        ({"jsonrpc": "2.0", "result": {"isError": True, "content": []}}, "isError: true"),
        ({"stdout": "", "stderr": "no", "exit_code": 2}, "exit_code: 2"),
        ({"output": "no", "metadata": {"exit_code": 1, "duration": 0.1}}, "exit_code: 1"),
        ({"status": "error", "message": "no such bird"}, "status: error"),
        ({"status": 404, "detail": "no such bird"}, "status: 404"),
        ({"status_code": 500, "body": ""}, "status_code: 500"),
        ({"success": "False", "message": "no such bird"}, "success: false"),
        ({"nest": "N-7", "status": "failed", "eggs": 0}, None),
        ({"nest": "N-7", "failed": 1, "success": 0, "state": "error"}, None),
        ({"status": "failed nests", "data": [3]}, None),
        ({"error": 0.25, "metres": 31.5}, None),
        ({"error": None, "errors": [], "metres": 31.5}, None),
        ({"result": {"status": "failed", "eggs": 4}}, None),
        ({"exit_code": 0, "stdout": "31.5"}, None),
        ({"status": "ok", "note": "error"}, None),
        ([{"error": "x"}], None),
    ],
)
def test_a_result_that_is_an_envelope(result: Any, why: str | None):
    assert failure(json.dumps(result)) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Error: no\nat f", "Error: no"),
        (" ERROR: no ", "ERROR: no"),
        ('{"error": "no such', "no such"),
        ("Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno", "exit code 1"),
        ("<returncode>2</returncode>\n<output>\nno\n</output>", "exit code 2"),
        ("Process exited with code 3", "exit code 3"),
        ("Chunk ID: x\nWall time: 0.1\nProcess exited with code 1\nOutput:\nno", "exit code 1"),
        ("Chunk ID: x\nProcess exited with code 0\nOutput:\nexit code 1", None),
        ("Command: ls\nDirectory: (root)\nOutput: no\nError: (none)\nExit Code: 2\nSignal: 0", "exit code 2"),
        ("no\n[The command completed with exit code 1.]", "exit code 1"),
        ("Exit code: 0\nOutput:\nError: none", None),
        ("fine\n[The command completed with exit code 0.]", None),
        ("An exit code 1 is a failure.", None),
        ("Errors: none", None),
        ("No error: fine", None),
        ("{not json", None),
        ("", None),
    ],
)
def test_what_a_text_says(text: str, why: str | None):
    assert failure(text) == why
