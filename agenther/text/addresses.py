"""Addresses of pages, taken apart."""

from urllib.parse import SplitResult, urlsplit


def split(address: str) -> SplitResult:
    """The parts of an address; of one that cannot be taken apart (half of an IPv6 host), all of it is host and path."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", address, address, "", "")
