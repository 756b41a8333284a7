"""Secrets that a kept package knows: Kingfisher (MongoDB, Apache-2.0), which brings several hundred rules along.

A new version of it brings new kinds. It looks only at the text, in this process: nothing is sent anywhere, and no
secret is tried out. Loading it takes half a second, so that is done when the first text is looked at.
"""

from collections.abc import Iterator
from functools import cache

from kingfisher_sdk import Rules, Scanner

from agenther.redaction.spans import Span


@cache
def _scanner() -> Scanner:
    """All of its rules, its own compiled form of them kept in the user's cache folder."""
    return Scanner(Rules(confidence="low"), base64=False)


def spans(text: str) -> Iterator[Span]:
    """What its rules find. The kind is that of a value which its place gives away, since many rules need a name beside.

    Names of hosts and accounts, which it finds for its own use, are left out.
    """
    data = text.encode("utf-8", "surrogatepass")
    for found in _scanner().scan(data):
        if found.visible:
            start, end = found.location["start_offset"], found.location["end_offset"]
            if len(data) != len(text):
                start, end = (len(data[:at].decode("utf-8", "surrogatepass")) for at in (start, end))
            yield Span(start, end, "SECRET")
