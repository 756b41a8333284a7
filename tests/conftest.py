"""No test leaves this machine: a model that was not faked fails loudly, instead of asking the network."""

import ipaddress
import os
import socket

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # the machines are small and noisy
settings.load_profile("untimed")
os.environ["HF_HUB_OFFLINE"] = "1"  # datasets and transformers read it when they are imported


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self, address):
        check(self.family, address)
        return connect(self, address)

    def checked_connect_ex(self, address):
        check(self.family, address)
        return connect_ex(self, address)

    def checked_getaddrinfo(host, *rest, **more):
        check(socket.AF_INET, (host,))
        return getaddrinfo(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", checked_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", checked_getaddrinfo)


@pytest.fixture(autouse=True)
def cache_of_its_own(monkeypatch, tmp_path_factory):
    """Every test begins without answers of others."""
    monkeypatch.setenv("AGENTHER_CACHE", str(tmp_path_factory.mktemp("cache") / "answers.sqlite"))


def check(family, address):
    if family in {socket.AF_INET, socket.AF_INET6} and not is_here(address[0]):
        pytest.fail(f"a test wants to reach {address[0]!r}; only this machine is allowed")


def is_here(host):
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
