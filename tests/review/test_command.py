"""`agenther review` as a process."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from agenther.store.book import RATINGS


def started(run, *words):
    command = [sys.executable, "-m", "agenther", "review", run, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(run, *words):
    with started(run, *words) as child:
        try:
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    return child.returncode, out, err


def test_no_run(tmp_path):
    code, out, err = ended(tmp_path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "no finished run" in err


def test_nobody_rates(run):
    code, out, err = ended(run, "--rater", " ")
    assert (code, out) == (2, "")
    assert "--rater needs a name" in err


def test_a_foreign_ratings_file_is_refused_in_one_line(run):
    (run / RATINGS).write_bytes(b"my own notes\n")
    code, out, err = ended(run)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "line 1 is no rating; nothing was changed" in err
    assert (run / RATINGS).read_bytes() == b"my own notes\n"


def test_a_port_that_others_have(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = ended(run, "--port", str(port))
    assert (code, out) == (1, "")
    assert err == f"agenther: port {port} cannot be used: Address already in use; choose another --port\n"


def test_is_there_until_it_is_stopped(run):
    with started(run, "--rater", "ada") as child:
        line = child.stdout.readline()
        assert line.startswith("26 to rate as ada at http://127.0.0.1:")
        address = line.split()[-1]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.url == f"{address}1"
            assert b"Is it valid?" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(address.removesuffix("/")[:-1], timeout=10)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert out == ""
    assert err.splitlines() == [
        "Ctrl-C ends it; ratings are kept as they are made",
        "agenther: stopped; what is done is kept, and the same command carries on with it",
    ]
