"""Why no connection came about: by the causes that the two clients' transports leave."""

import errno
import socket
import ssl

import pytest

from agenther.llm.clients.faults import unreachable


def raised(*causes):
    """An error that came of the next, and so on, by `from` and by itself in turn."""
    error = None
    for number, cause in enumerate(reversed(causes)):
        if number % 2:
            cause.__cause__ = error
        else:
            cause.__context__ = error
        error = cause
    return error


def untrusted():
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "self-signed certificate"
    error.verify_code = 18
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    return error


@pytest.mark.parametrize(
    "causes",
    [
        pytest.param((RuntimeError("no"),), id="a bug"),
        pytest.param((RuntimeError("no"), ConnectionResetError(errno.ECONNRESET, "reset")), id="a reset"),
        pytest.param((RuntimeError("no"), TimeoutError()), id="too slow"),
        pytest.param((RuntimeError("Connection refused"),), id="only words"),
    ],
)
def test_something_may_have_been_sent(causes):
    assert unreachable(raised(*causes), "host:1") == ""


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "nothing listens at host:1 (refused)"),
        (socket.gaierror(-2, "unknown"), "the name in host:1 cannot be found (unknown)"),
        (OSError(errno.ENETUNREACH, "down"), "no way leads to host:1 (down)"),
        (untrusted(), "the certificate of host:1 is not trusted (self-signed certificate; name the file of who signed"),
    ],
)
def test_nothing_was_sent(cause, words):
    for depth in range(4):
        wrapped = raised(*(RuntimeError("no") for _ in range(depth)), cause)
        assert unreachable(wrapped, "host:1").startswith(f"no connection: {words}")
