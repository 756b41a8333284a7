"""User, password and query of a URL are used, and never written: not in a folder, nor in the cache, nor on the screen.

They are planted in every place in which a URL is given. What goes wrong comes first, since errors quote addresses.
"""

import json
import socket
import sqlite3
from base64 import b64encode
from functools import partial

import pytest
from aiohttp import web
from click.testing import CliRunner
from hub.fake_hub import TOKEN, FakeHub
from llm.batches import BatchServer
from llm.player import Player, lamp_logs
from llm.server import HTML, Server, reset

from agenther.cli import main
from agenther.llm import access
from agenther.llm.layers.retry import Patient

USER, PASSWORD, QUERY, FRAGMENT = "ann7f3q", "Zx81@kq", "tok5Kd2", "frag9Jw"
LOGIN = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
SECRETS = (USER, PASSWORD, PASSWORD.replace("@", "%40"), QUERY, FRAGMENT, LOGIN.removeprefix("Basic "))
FREE = ("--allow-unknown-cost",)


def planted(url):
    """A URL with all that is secret in it."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{USER}:Zx81%40kq@{rest}?tenant={QUERY}#{FRAGMENT}"


@pytest.fixture(autouse=True)
def hub_online(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.fixture
def agenther(tmp_path, monkeypatch):
    """The command line, in a folder of its own; after each command nothing secret is anywhere."""
    monkeypatch.setattr(access, "Patient", partial(Patient, pause=0.001))
    monkeypatch.setenv("AGENTHER_CACHE", str(tmp_path / "cache.sqlite"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    lamp_logs(tmp_path / "logs", range(2))

    def run(*words, code=0):
        result = CliRunner().invoke(main, [str(word) for word in words])
        said = result.output + result.stderr + repr(result.exception)
        assert result.exit_code == code, said
        assert_clean(said.encode(), "the screen")
        for path in tmp_path.rglob("*"):
            assert_clean(path.read_bytes() if path.is_file() else b"", path)
        return result

    return run


def assert_clean(content, where):
    found = [secret for secret in SECRETS if secret.encode() in content]
    assert not found, (where, content[:3000])


def run_words(tmp_path, *more, out="out"):
    return ("run", tmp_path / "logs", "--out", tmp_path / out, *FREE, *more)


async def echo(request, status):
    """An error that tells all that the server was shown."""
    shown = f"{request.method} {request.path_qs} {request.headers.get('Authorization')} {planted('http://h/v1')}"
    words = f"{shown}, user {USER} with the password {PASSWORD} of {QUERY}"
    return web.json_response({"error": {"message": words, "code": words}}, status=status)


async def echo_page(request):
    return web.Response(text=f"<p>{QUERY} {request.path_qs}", content_type="text/html")


def echoing(status):
    async def answer(request):
        return await echo(request, status)

    return answer


# --- what goes wrong


@pytest.mark.parametrize(
    "behaviour",
    [
        *(pytest.param(echoing(status), id=str(status)) for status in (400, 401, 403, 404, 418, 500)),
        pytest.param(echo_page, id="a page"),
        pytest.param(HTML, id="another page"),
        pytest.param(reset, id="reset"),
    ],
)
def test_an_endpoint_that_fails(tmp_path, agenther, behaviour):
    with Server(behaviour) as server, Server(Player()) as good:
        result = agenther(*run_words(tmp_path, "--model", "m", "--base-url", planted(server.url)), code=1)
        judge = ("--judge", f"j@{planted(server.url)}")
        agenther(*run_words(tmp_path, "--model", "m", "--base-url", good.url, *judge, out="judged"), code=1)
    assert "agenther: m: " in result.stderr
    assert set(server.keys) == {LOGIN}
    assert set(server.queries) == {f"tenant={QUERY}"}


@pytest.mark.parametrize("variable", ["", "OPENAI_BASE_URL"])
def test_an_endpoint_that_is_not_there(tmp_path, agenther, monkeypatch, variable):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = planted(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
    where = () if variable else ("--base-url", url)
    if variable:
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv(variable, url)
    assert "no connection" in agenther(*run_words(tmp_path, "--model", "m", *where), code=1).stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses(tmp_path, agenther, monkeypatch, scheme):
    with Server(echoing(407)) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", planted(proxy.url.removesuffix("/v1")))
        result = agenther(*run_words(tmp_path, "--model", "m", "--base-url", f"{scheme}://127.0.0.2:9/v1"), code=1)
    assert "agenther: m: " in result.stderr


@pytest.mark.parametrize(("model", "variable"), [("openai/m", "OPENAI_API_BASE"), ("ollama/m", "OLLAMA_API_BASE")])
def test_a_provider_at_another_address(tmp_path, agenther, monkeypatch, model, variable):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with Server(echoing(401)) as server:
        monkeypatch.setenv(variable, f"http://{USER}:Zx81%40kq@{server.url.partition('://')[2]}")
        one = tmp_path / "logs/0000.jsonl"  # what of litellm is under way when another run fails is none of ours
        result = agenther("run", one, "--out", tmp_path / "out", "--model", model, *FREE, code=1)
    assert f"agenther: {model}: " in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--model", "m", "--base-url", planted("ftp://h/v1")), id="another scheme"),
        pytest.param(("--model", "m", "--base-url", planted("http://h:99999/v1")), id="no port"),
        pytest.param(("--model", "m", "--base-url", planted("http://[::1/v1")), id="half an address"),
        pytest.param(("--model", "m", "--base-url", f"{USER}:{PASSWORD}@h/v1"), id="no scheme"),
        pytest.param(
            ("--model", "m", "--base-url", f"http://{USER}:12/{PASSWORD}@h/v1"), id="a stroke in the password"
        ),
        pytest.param(("--model", "m", "--base-url", f"http://{USER}:#{PASSWORD}@h/v1"), id="a hash in it"),
        pytest.param(("--model", "m", "--base-url", f"http://{USER}:a {PASSWORD}@h/v1"), id="a blank in it"),
        pytest.param(("--model", "m", "--base-ur", planted("http://h/v1")), id="misspelt"),
        pytest.param(("--model", "m", planted("http://h/v1")), id="no option"),
        pytest.param(("--model", planted("http://h/v1")), id="as the model"),
        pytest.param(("--model", f"m@{planted('http://h/v1')}"), id="with the model"),
        pytest.param(("--judge", planted("http://h/v1")), id="as a judge"),
        pytest.param(("--judge", f"@{planted('http://h/v1')}"), id="a judge without a name"),
        pytest.param(("--judge", f"j@{planted('ftp://h/v1')}"), id="a judge at another scheme"),
        pytest.param(("--judge", f"j@{planted('http://h:x/v1')}"), id="a judge at no port"),
        pytest.param(("--model", "m", "--key", planted("http://h/v1")), id="no variable"),
        pytest.param(("--model", "m", "--key", f"http://h/v1?a=1&b={QUERY}"), id="a query for a variable"),
        pytest.param(("--model", "m", "--key", f"{planted('http://h:x/v1')}=OTHER"), id="a key at no port"),
        pytest.param(("--model", "m", "--price", planted("http://h/v1")), id="no price"),
        pytest.param(
            ("--judge", f"j@{planted('http://h/v1')}", "--judge", f"i@http://{USER}x@h/v1"), id="two users of one place"
        ),
    ],
)
def test_wrong_usage_is_told_without_them(tmp_path, agenther, words):
    agenther(*run_words(tmp_path, *words), code=2)


@pytest.mark.parametrize("scheme", ["http", "hf"])
def test_neither_is_a_place_of_logs_quoted(tmp_path, agenther, scheme):
    agenther("run", planted(f"{scheme}://datasets/me/logs"), "--out", tmp_path / "out", code=2)
    agenther("inspect", planted(f"{scheme}://datasets/me/logs@v1"), code=2)
    agenther("inspect", f"hf://datasets/me/logs@v1?token={QUERY}", code=2)
    agenther("pull", planted(f"{scheme}://datasets/me/logs"), tmp_path / "out", code=2)
    agenther("push", tmp_path / "logs", planted(f"{scheme}://h/me"), code=2)
    agenther(planted(f"{scheme}://h"), code=2)


def test_a_price_of_nobody(tmp_path, agenther):
    with Server(Player()) as server:
        price = ("--price", f"m@{planted(server.url)}=1,2")
        result = agenther(*run_words(tmp_path, "--model", "m", "--base-url", server.url, *price))
    assert "which is not asked" in result.stderr


def test_a_variable_with_the_address_of_another(tmp_path, agenther, monkeypatch):
    monkeypatch.setenv("OTHER", planted("http://other/v1"))
    words = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--key", "http://127.0.0.1:9/v1=OTHER")
    assert "OTHER, which --key names for it" in agenther(*run_words(tmp_path, *words), code=1).stderr


def test_a_hub_at_another_address(tmp_path, agenther, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", f"http://{USER}:Zx81%40kq@{hub.url.partition('://')[2]}")
        agenther("run", tmp_path / "logs", "--out", tmp_path / "out")
        agenther("push", tmp_path / "out", "me/lamps", code=1)
        agenther("pull", "hf://datasets/me/logs", tmp_path / "pulled", code=1)


# --- what goes well


def test_a_run_from_end_to_end(tmp_path, agenther, monkeypatch):
    monkeypatch.setenv("OTHER", "k")
    with Server(Player()) as one, Server(Player()) as other, FakeHub() as hub:
        first = ("--base-url", planted(one.url))
        judge, key = ("--judge", f"j@{planted(other.url)}/"), ("--key", f"{planted(other.url)}=OTHER")
        words = run_words(tmp_path, "--model", "m", *first, *judge, *key)
        agenther(*words, "--dry-run")
        for _ in range(2):
            assert "2 samples from 2 runs" in agenther(*words).stdout
        agenther(*words, "--retry")
        asked = len(one.bodies)
        monkeypatch.setenv("AGENTHER_CACHE", str(tmp_path / "other.sqlite"))
        agenther("relabel", tmp_path / "out", *first, *key, *FREE)
        assert len(one.bodies) > asked
        agenther("package", tmp_path / "out")
        agenther("probe", tmp_path / "out", "--model-judges", *first, *key, *FREE)
        agenther("compare", tmp_path / "out", tmp_path / "out")
        agenther("cache")
        agenther("push", tmp_path / "out", "me/lamps", "--dry-run", tmp_path / "look")
        publish(agenther, tmp_path / "out", hub, monkeypatch)
        for server in (one, other):
            assert set(server.keys) == {LOGIN}
            assert set(server.queries) == {f"tenant={QUERY}"}
    settings = json.loads((tmp_path / "out/run.json").read_text())["made_with"]["settings"]
    assert (settings["base_url"], settings["judges"]) == (one.url, [f"j@{other.url}"])
    assert "and by j." in (tmp_path / "look/README.md").read_text()


def publish(agenther, run, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    agenther("push", run, "me/lamps")
    for commit in hub.repos["me/lamps"].commits:
        for path, content in commit.files.items():
            assert_clean(content, path)


def test_the_address_of_openai_from_the_environment(tmp_path, agenther, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with Server(Player()) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", planted(server.url))
        agenther(*run_words(tmp_path, "--model", "m", "--judge", "j"))
    assert set(server.keys) == {LOGIN}
    assert set(server.queries) == {f"tenant={QUERY}"}


def test_a_variable_with_the_whole_address(tmp_path, agenther, monkeypatch):
    with Server(Player()) as server:
        monkeypatch.setenv("OTHER", planted(server.url))
        agenther(*run_words(tmp_path, "--model", "m", "--base-url", server.url, "--key", f"{server.url}=OTHER"))
        agenther("relabel", tmp_path / "out", "--key", f"{server.url}=OTHER", *FREE)
    assert set(server.keys) == {LOGIN}
    assert set(server.queries) == {f"tenant={QUERY}"}


def test_a_proxy(tmp_path, agenther, monkeypatch):
    with Server(Player()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{USER}:Zx81%40kq@{proxy.url.partition('://')[2].removesuffix('/v1')}")
        agenther(*run_words(tmp_path, "--model", "m", "--base-url", "http://127.0.0.2:9/v1"))
    assert proxy.bodies


def test_in_batches(tmp_path, agenther):
    with BatchServer() as server:
        words = run_words(tmp_path, "--model", "m", "--judge", f"j@{planted(server.url)}", "--batch")
        words = (*words, "--base-url", planted(server.url))
        assert "batch_1 (validating)" in agenther(*words).stdout
        with BatchServer() as other:
            there = run_words(tmp_path, "--model", "m", "--batch", "--base-url", planted(other.url))
            agenther(*there, "--judge", f"j@{planted(other.url)}", code=1)
        server.batches["batch_1"]["status"] = "lost"
        assert "batch_1 (lost" in agenther(*words).stdout
        server.batches.clear()
        assert "batch_1: " in agenther(*words, code=1).stderr
    agenther(*words, code=1)


def test_through_files(tmp_path, agenther):
    words = run_words(tmp_path, "--model", "m", "--base-url", planted("http://h/v1"), "--batch-dir", tmp_path / "files")
    assert "requests-0001.jsonl (m)" in agenther(*words).stdout


# --- what versions before left behind


def old_folder(tmp_path, agenther, server):
    """A finished run, as a version left it that kept addresses as they were given."""
    words = run_words(tmp_path, "--model", "m", "--base-url", server.url, "--judge", f"j@{server.url}")
    agenther(*words)
    run, old = tmp_path / "out", planted(server.url)
    about = (run / "run.json").read_text()
    (run / "run.json").write_text(about.replace(server.url, old))
    details = {"path": "x.json", "line": None, "key": "", "stage": "read", "reason": "not-json", "raw": None}
    said = f"no connection: '{old.partition('?')[0]}/chat/completions', {old}"
    (run / "rejections.jsonl").write_text(json.dumps({**details, "run_id": None, "detail": said}) + "\n")
    (run / "batch").mkdir()
    sent = {"requests-0001.jsonl": {"model": "m", "endpoint": old, "id": "batch_1", "state": "collected"}}
    (run / "batch/batches.json").write_text(json.dumps(sent))
    assert all(secret in (run / "run.json").read_text() for secret in (USER, QUERY, FRAGMENT))
    return words


def test_an_old_folder_is_cleaned_by_a_push(tmp_path, agenther, monkeypatch):
    with Server(Player()) as server, FakeHub() as hub:
        old_folder(tmp_path, agenther, server)
        publish(agenther, tmp_path / "out", hub, monkeypatch)


@pytest.mark.parametrize(
    ("command", "more"), [("package", ()), ("classify", ("--allow-unknown-cost",)), ("forget", ("0000.jsonl",))]
)
def test_an_old_folder_is_cleaned_by_whatever_works_on_it(tmp_path, agenther, command, more):
    with Server(Player()) as server:
        old_folder(tmp_path, agenther, server)
        agenther(command, tmp_path / "out", *more)


def test_an_old_folder_is_carried_on_with(tmp_path, agenther):
    with Server(Player()) as server:
        words = old_folder(tmp_path, agenther, server)
        asked = len(server.bodies)
        with Server(Player()) as moved:
            agenther(*[str(word).replace(server.url, planted(moved.url)) for word in words])
            assert not moved.bodies
        (tmp_path / "cache.sqlite").unlink()
        assert "2 samples from 2 runs" in agenther(*words).stdout
        assert len(server.bodies) == asked


def test_an_unfinished_old_folder_is_carried_on_with(tmp_path, agenther):
    with Server(Player()) as server:
        words = old_folder(tmp_path, agenther, server)
        run = tmp_path / "out"
        made = json.loads((run / "run.json").read_text())["made_with"]
        records = [("diagnoses", 0), ("outcomes", 0)]
        journal = [json.dumps({"made_with": made}, separators=(",", ":"))]
        for name, at in records:
            journal.append(f'{{"{name}":{(run / f"{name}.jsonl").read_text().splitlines()[at]}}}')
        (run / "journal.jsonl").write_text("\n".join(journal) + "\n")
        assert "2 samples from 2 runs" in agenther(*words).stdout


def test_an_old_cache_is_cleaned_when_it_is_used(tmp_path, agenther):
    with Server(Player()) as server:
        words = run_words(tmp_path, "--model", "m", "--base-url", server.url)
        agenther(*words)
        asked = len(server.bodies)
        old = sqlite3.connect(tmp_path / "cache.sqlite")
        old.execute("UPDATE answers SET endpoint = ?", (planted(server.url),))
        old.execute("PRAGMA user_version = 2")
        old.commit()
        old.close()
        assert QUERY.encode() in (tmp_path / "cache.sqlite").read_bytes()
        agenther(*words, "--out", tmp_path / "again")
        assert len(server.bodies) == asked
    assert server.url in agenther("cache").stdout
