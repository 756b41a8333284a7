"""What of a URL is shown, and what is secret."""

import time

import pytest

from agenther.address import Address, address, hide, shown, without_credentials


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h/v1",
        "ann:pw@h/v1",
        "ftp://h/v1",
        "http://",
        "http://ann:pw@/v1",
        "http://[::1/v1",
        "http://h:99999/v1",
        "http://h:0/v1",
        "http://ann:p/w@h/v1",
        "http://ann:1/w@h/v1",
        "http://ann:p?w@h/v1",
        "http://ann:1#w@h/v1",
        "http://ann:p w@h/v1",
        "http://h/v1?who=ann@h",
    ],
)
def test_no_address_and_not_quoted(text):
    with pytest.raises(ValueError, match=r"^no address such as http://localhost:8000/v1$"):
        address(text)


@pytest.mark.parametrize(
    ("text", "is_shown", "login", "parameters"),
    [
        pytest.param("http://h/v1", "http://h/v1", None, [], id="nothing secret"),
        pytest.param(" HTTP://h:80/v1// ", "http://h:80/v1", None, [], id="as it may be written"),
        pytest.param("http://ann:pw@h/v1", "http://h/v1", ("ann", "pw"), [], id="user and password"),
        pytest.param("http://t0ken@h/v1", "http://h/v1", ("t0ken", ""), [], id="a user alone"),
        pytest.param("http://:pw@h", "http://h", ("", "pw"), [], id="a password alone"),
        pytest.param("http://a%40b:p%2Fw@[::1]:8/v1/", "http://[::1]:8/v1", ("a@b", "p/w"), [], id="with their marks"),
        pytest.param("http://a@b:p@h", "http://h", ("a@b", "p"), [], id="an @ that is no end"),
        pytest.param("https://h/v1/?a=1&a=%40&b=#f", "https://h/v1", None, [("a", "1"), ("a", "@"), ("b", "")], id="?"),
        pytest.param("https://h#f", "https://h", None, [], id="a fragment"),
    ],
)
def test_what_is_shown_and_what_is_sent(text, is_shown, login, parameters):
    found = address(text)
    assert (str(found), found.login, found.parameters) == (is_shown, login, parameters)
    assert shown(text) == is_shown
    assert repr(found) == f"Address(shown={is_shown!r})"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no URL: a@b.c, 1/2?", "no URL: a@b.c, 1/2?"),
        ("see https://h/settings/tokens.", "see https://h/settings/tokens."),
        ("for url 'http://ann:pw@h:8/v1?t=1#f', 'x'", "for url 'http://h:8/v1', 'x'"),
        ('{"url":"http://ann:pw@h/v1?t=1","why":"x"}', '{"url":"http://h/v1","why":"x"}'),
        ("<http://ann:p'w@h> (socks5://ann:pw@h)", "<http://h> (socks5://h)"),
        ("http://ann:p/w@h/v1 is none", "http://… is none"),
        ("http://ann:p@s/w@h/v1 is none", "http://… is none"),
        ("it has the form hf://datasets/OWNER/NAME[@REVISION]", "it has the form hf://datasets/OWNER/NAME[@REVISION]"),
        ("m@http://ann:pw@h/v1=1,2", "m@http://h/v1=1,2"),
    ],
)
def test_urls_in_a_text(text, clean):
    assert without_credentials(text) == clean


def test_what_a_server_repeats_is_hidden(monkeypatch):
    monkeypatch.setenv("SOME_PROXY", "http://bob:pr0xy@p")
    asked = Address("http://h/v1", "ann4:s%40cret", "tenant=t0ken&v=1")
    said = "ann4:s@cret, s%40cret, YW5uNDpzQGNyZXQ=, /v1?tenant=t0ken&v=1, t0ken, v 1, pr0xy"
    assert hide(said, asked) == "…, …, …, /v1?…, …, v 1, …"


@pytest.mark.parametrize("text", ["://" * 50_000, "a://@" * 50_000, "http://" + "@" * 100_000, "'" * 100_000])
def test_long_texts_take_linear_time(text):
    began = time.monotonic()
    without_credentials(text)
    assert time.monotonic() - began < 5
