"""Who may ask the review page, and what it may do."""

import re

import pytest
from review.desks import HOSTILE, review


@pytest.mark.parametrize(
    ("path", "headers", "why"),
    [
        pytest.param("/", {}, "whole address", id="no token"),
        pytest.param("/token2/1", {}, "whole address", id="another token"),
        pytest.param("/tokeN/1", {}, "whole address", id="nearly the token"),
        pytest.param("//token/1", {}, "whole address", id="token in another place"),
        pytest.param("/t%C3%B6ken/1", {}, "whole address", id="no ASCII"),
        pytest.param("/token/1", {"Host": "evil.example"}, "127.0.0.1 alone", id="DNS rebinding"),
        pytest.param("/token/1", {"Host": "127.0.0.1"}, "127.0.0.1 alone", id="another port"),
        pytest.param("/token/1", {"Host": None}, "127.0.0.1 alone", id="no host"),
        pytest.param("/token/1", {"Origin": "http://evil.example"}, "another page", id="asked by another page"),
        pytest.param("/token/1", {"Origin": "null"}, "another page", id="asked by a page without origin"),
        pytest.param("/token/1", {"Sec-Fetch-Site": "cross-site"}, "another page", id="led here by another page"),
        pytest.param("/token/1", {"Sec-Fetch-Site": "same-site"}, "another page", id="by one of another port"),
    ],
)
def test_refused(run, path, headers, why):
    with review(run) as tab:
        answer = tab.raw(path, **headers)
        assert answer.status in {400, 403}
        assert why in answer.text or headers.get("Host", "") is None
        assert "lamp" not in answer.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_nothing_is_said_from_elsewhere(run, origin):
    with review(run) as tab:
        assert tab.ask("1/said", {"valid": "yes"}, Origin=origin).status == 403
        assert tab.ask("undo", b"", Origin=origin).status == 403
    assert not (run / "ratings.jsonl").exists()


def test_the_name_of_this_machine_will_do(run):
    with review(run) as tab:
        assert tab.ask("1", Host=f"localhost:{tab.port}").status == 200


def test_only_our_own_script_runs_and_nothing_is_fetched_from_elsewhere(run):
    with review(run) as tab:
        for path in ("1", "done", "1/said", "nowhere"):
            policy = dict(
                part.strip().split(" ", 1) for part in tab.ask(path).headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
            assert policy["connect-src"] == "'self'"
            assert re.fullmatch(r"'sha256-[^ ]+'", policy["script-src"])
        shown = tab.ask("1")
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", shown.text)


def test_what_a_log_says_is_text(run):
    with review(run) as tab:
        shown = tab.ask("1").text
        assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in shown
        assert "<script>alert" not in shown
        assert "<img" not in shown
