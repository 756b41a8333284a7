"""How an endpoint is reached: addresses as people write them, redirects, proxies, certificates, over real sockets."""

import asyncio
import ssl
import subprocess
import time
from contextlib import contextmanager

import pytest
from aiohttp import web
from server import HTML, Server, says, status

from agenther.address import address
from agenther.errors import ModelError
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.clients.post import places
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.guard import Guarded
from agenther.llm.layers.retry import Patient
from agenther.llm.model import Message, Request
from agenther.llm.money.purse import Purse

REQUEST = Request((Message("user", "Hello"),))


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def asked(url, times=1):
    """The answers, or the error, through the layers that a run has."""

    async def all_of_them():
        gate = Gate(pause=0.01)
        client = OpenAIClient("m", address(url), api_key="k3y-0f-ours")
        model = Guarded(Patient(Admitted(client, gate, Purse({})), gate=gate))
        try:
            return [(await model.complete(REQUEST)).text for _ in range(times)]
        except ModelError as error:
            return error
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


WRITTEN = [
    pytest.param("/v1/chat/completions", "/v1", id="as it should be"),
    pytest.param("/v1/chat/completions", "/v1/", id="with a stroke at its end"),
    pytest.param("/v1/chat/completions", "", id="without /v1"),
    pytest.param("/v1/chat/completions", "/", id="a stroke alone"),
    pytest.param("/v1/chat/completions", "/v1/chat/completions", id="pasted whole"),
    pytest.param("/v1/chat/completions", "/v1/chat/completions/", id="pasted whole, with a stroke"),
    pytest.param("/api/v1/chat/completions", "/api", id="a path, without /v1"),
    pytest.param("/chat/completions", "", id="a server without /v1"),
    pytest.param("/openai/deployments/d/chat/completions", "/openai/deployments/d?api-version=1", id="Azure"),
    pytest.param(
        "/openai/deployments/d/chat/completions",
        "/openai/deployments/d/chat/completions?api-version=1",
        id="Azure, pasted whole",
    ),
]


@pytest.mark.parametrize(("path", "written"), WRITTEN)
def test_an_address_works_as_people_write_it(path, written):
    with Server(says("fine"), path=path) as server:
        assert asked(server.url.removesuffix("/v1") + written, times=3) == ["fine"] * 3
        assert len(server.bodies) == 3
        assert set(server.queries) == {written.partition("?")[2]}


@pytest.mark.parametrize(("url", "number"), [("http://h", 2), ("http://h/v1", 1), ("http://h/v1beta/openai", 1)])
def test_where_the_api_may_be(url, number):
    assert len(list(places(url))) == number


def test_azure_gets_the_key_under_its_name():
    sent = []

    async def answer(request):
        sent.append(request.headers.get("api-key"))
        return await says("fine")(request)

    with Server(answer) as server:
        asked(f"{server.url}?api-version=2024-10-21")
        asked(server.url)
    assert sent == ["k3y-0f-ours", None]


NOWHERE = [
    pytest.param(status(404, {"detail": "Not Found"}), "Not Found", id="nothing there"),
    pytest.param(
        status(404, {"error": {"message": "no model m", "code": "model_not_found"}}), "no model m", id="model"
    ),
    pytest.param(HTML, "--base-url", id="a web page"),
]


@pytest.mark.parametrize(("behaviour", "words"), NOWHERE)
def test_what_is_not_there_is_told_once(behaviour, words):
    with Server(behaviour, path="/{any:.*}") as server:
        error = asked(server.url.removesuffix("/v1"))
    assert isinstance(error, ModelError)
    assert words in str(error)
    assert "k3y" not in str(error)


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(status(404, {"error": {"message": "Invalid URL (POST /chat/completions)"}}), id="OpenAI"),
        pytest.param(status(200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}), id="LM Studio"),
        pytest.param(HTML, id="a web page"),
        pytest.param(status(405), id="a page that takes no posts"),
    ],
)
def test_v1_is_tried_whatever_stands_where_it_is_missing(nothing):
    async def answer(request):
        return await (says("fine") if request.path.startswith("/v1/") else nothing)(request)

    with Server(answer, path="/{any:.*}") as server:
        assert asked(server.url.removesuffix("/v1"), times=3) == ["fine"] * 3
        assert len(server.bodies) == 4


def test_many_that_begin_together_find_the_same_address():
    async def answer(request):
        if request.path == "/v1/chat/completions":
            return web.Response(status=307, headers={"Location": "/api/v1/chat/completions"})
        return await (says("fine") if request.path.startswith("/api") else status(404))(request)

    async def burst(url):
        client = OpenAIClient("m", address(url), api_key="k")
        said = await asyncio.gather(*(client.complete(REQUEST) for _ in range(40)))
        said.append(await client.complete(REQUEST))
        await client.aclose()
        return {one.text for one in said}

    with Server(answer, path="/{any:.*}") as server:
        assert asyncio.run(burst(server.url.removesuffix("/v1"))) == {"fine"}
        assert len(server.bodies) == 40 * 3 + 1


def test_where_it_was_asked_is_told_and_what_azure_lacks():
    with Server(status(404, {"error": {"code": "404", "message": "Resource not found"}}), path="/{any:.*}") as server:
        host = server.url.removesuffix("/v1")
        assert f"asked at {host}/chat/completions and {host}/v1/chat/completions" in str(asked(host))
        error = str(asked(f"{host}/openai/deployments/gpt"))
        assert "lacks ?api-version=" in error
        assert "lacks" not in str(asked(f"{host}/openai/deployments/gpt?api-version=s3cret"))
        assert "s3cret" not in str(asked(f"{host}/openai/deployments/gpt?api-version=s3cret"))


@contextmanager
def redirecting(code, to):
    async def answer(_request):
        return web.Response(status=code, headers={"Location": to})

    with Server(answer, path="/{any:.*}") as server:
        yield server


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_to_the_same_api_is_followed_and_known_from_then_on(code):
    async def answer(request):
        if request.path.startswith("/v1"):
            return web.Response(status=code, headers={"Location": "/new/v1/chat/completions"})
        return await says("fine")(request)

    with Server(answer, path="/{any:.*}") as server:
        assert asked(server.url, times=3) == ["fine"] * 3
        assert len(server.bodies) == 4


ELSEWHERE = [
    pytest.param("http://elsewhere.example/v1/chat/completions", "http://elsewhere.example/v1", id="another host"),
    pytest.param("/login?next=s3cret", "/login", id="a page to log in"),
    pytest.param("ftp://127.0.0.1/v1/chat/completions", "ftp://127.0.0.1", id="no HTTP"),
]


@pytest.mark.parametrize(("to", "words"), ELSEWHERE)
def test_a_redirect_elsewhere_is_told_and_gets_no_key(to, words):
    with redirecting(302, to) as server:
        error = asked(server.url)
        assert len(server.bodies) == 1
    assert words in str(error)
    assert "is that --base-url?" in str(error)
    assert "s3cret" not in str(error)


def test_redirects_in_a_circle_end():
    with redirecting(307, "/v1/chat/completions") as server:
        assert isinstance(asked(server.url), ModelError)
        assert len(server.bodies) <= 4


# --- proxies -------------------------------------------------------------------------------------


@contextmanager
def socks5(seen):
    """A SOCKS5 proxy that leads all to this machine, and notes the names it was asked for."""

    async def serve(reader, writer):
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        size = 4 if kind == 1 else (await reader.readexactly(1))[0]
        seen.append((await reader.readexactly(size)).decode("latin-1"))
        port = int.from_bytes(await reader.readexactly(2), "big")
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await asyncio.gather(pump(reader, forth), pump(back, writer))

    async def pump(source, sink):
        while data := await source.read(65536):
            sink.write(data)
        sink.close()

    with Server(says("unused")) as helper:
        start = asyncio.start_server(serve, "127.0.0.1", 0)
        listening = asyncio.run_coroutine_threadsafe(start, helper._loop).result(10)
        yield listening.sockets[0].getsockname()[1]
        helper._loop.call_soon_threadsafe(listening.close)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "http_proxy"])
def test_a_socks_proxy(scheme, variable, monkeypatch):
    seen = []
    with Server(says("fine")) as server, socks5(seen) as port:
        monkeypatch.setenv(variable, f"{scheme}://127.0.0.1:{port}")
        assert asked(server.url.replace("127.0.0.1", "model.example")) == ["fine"]
    assert seen == ["model.example"]


def test_an_http_proxy(monkeypatch):
    with Server(says("fine"), path="/{any:.*}") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1").removeprefix("http://"))
        assert asked("http://model.example/v1") == ["fine"]


DEAD = [
    pytest.param("http_proxy", "http://ann:s3cret@127.0.0.1:9", "http", "the proxy 127.0.0.1:9", id="HTTP"),
    pytest.param("https_proxy", "http://ann:s3cret@127.0.0.1:9", "https", "the proxy 127.0.0.1:9", id="HTTPS"),
    pytest.param("ALL_PROXY", "socks5://ann:s3cret@127.0.0.1:9", "http", "the proxy 127.0.0.1:9", id="SOCKS"),
]


@pytest.mark.parametrize(("variable", "proxy", "scheme", "words"), DEAD)
def test_a_proxy_that_is_not_there_is_told_after_one_try(variable, proxy, scheme, words, monkeypatch):
    monkeypatch.setenv(variable, proxy)
    before = time.monotonic()
    error = asked(f"{scheme}://model.example/v1")
    assert time.monotonic() - before < 3
    assert words in str(error)
    assert "after one attempt" in str(error)
    assert "s3cret" not in str(error)


def test_a_proxy_that_wants_a_password_is_told_after_one_try(monkeypatch):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    with Server(says("unused")) as helper:
        start = asyncio.start_server(answer, "127.0.0.1", 0)
        listening = asyncio.run_coroutine_threadsafe(start, helper._loop).result(10)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        error = asked("https://model.example/v1")
        helper._loop.call_soon_threadsafe(listening.close)
    assert "answers with status 407, after one attempt" in str(error)


# --- certificates --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """(certificate, key) of a server that signed it itself."""
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "cert.pem", folder / "key.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run([*words, *more], check=True, capture_output=True)
    return files


@contextmanager
def secure(signed):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*signed)
    with Server(says("fine"), tls=context) as server:
        yield server


def test_a_certificate_of_nobody_known_is_told_with_what_helps(signed):
    with secure(signed) as server:
        error = asked(server.url)
    assert "is not trusted (self" in str(error)
    assert "SSL_CERT_FILE" in str(error)
    assert "after one attempt" in str(error)


def test_it_is_trusted_where_that_file_is_named(signed, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(signed[0]))
    with secure(signed) as server:
        assert asked(server.url) == ["fine"]


def test_a_file_that_is_not_there_is_told(signed, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with secure(signed) as server:
        assert "SSL_CERT_FILE names a file that is not there" in str(asked(server.url))


def test_https_where_there_is_none_is_told_after_one_try():
    with Server(says("fine")) as server:
        error = asked(server.url.replace("http://", "https://"))
    assert "does not speak TLS" in str(error)
    assert "after one attempt" in str(error)
