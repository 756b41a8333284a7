"""Who wrote a set: Ed25519 keys, signatures, and the file that tells whose keys are trusted.

acme k3J0vQ2mJH1l7b0v1WcWmC8n3yq0gZ5p9YkT2m4b6eE=       a line of that file: NAME PUBLIC-KEY
k3J0vQ2mJH1l7b0v1WcWmC8n3yq0gZ5p9YkT2m4b6eE= 9b5c…==    a line of manifest.sig: PUBLIC-KEY SIGNATURE
"""

# ruff: noqa: PLC0415 - an extra, and only who signs or checks needs it

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from agenther.errors import StoreError
from agenther.exchange.records import NAME
from agenther.extras import needs
from agenther.files import usable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNED = b"agenther set\n"
"""Comes before what is signed, so that no signature is one of anything else."""
PUBLISHED = ("manifest.json", "run.json", "lessons.json")
"""What holds one of these is given to others."""
LARGEST = 1 << 20
"""Bytes of a key, a trust file or signatures."""
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")
_LINE = re.compile(rb"([A-Za-z0-9+/]{43}=) ([A-Za-z0-9+/]{86}==)\n")
Trust = Mapping[str, frozenset[str]]
"""Of each public key, whose it is."""


class Policy(NamedTuple):
    """What to do with what nobody vouches for."""

    trust: Trust | None = None
    """Whose keys count; None: any key is as good as its signature."""
    unsigned: Literal["refuse", "mark"] | None = None
    """None: what is unsigned is marked where no trust file is given, and what was changed is refused."""

    @property
    def refuses_unsigned(self) -> bool:
        return self.unsigned == "refuse" or (self.unsigned is None and self.trust is not None)

    @property
    def refuses_changes(self) -> bool:
        return self.unsigned != "mark"


def make(path: Path) -> str:
    """A new key in a file that only its owner can read; its public half.

    Raises StoreError for a file that is there, and in a folder of which others are given what is in it.
    """
    needs("share")
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    check_place(path)
    if os.path.lexists(path):
        raise StoreError(path, "is there already, and a key that is gone comes never back; choose another name")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    with usable(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return _public(key)


def check_place(path: Path, *published: Path) -> None:
    """Raises StoreError for a key that lies in what is published: one of these, a set, or a run folder."""
    for above in path.absolute().resolve().parents:
        if above in {one.resolve() for one in published} or any((above / name).exists() for name in PUBLISHED):
            raise StoreError(path, f"a key must not lie in what others are given ({above.name}/); choose another place")


def sign(path: Path, words: bytes) -> bytes:
    """A line of `manifest.sig`. Raises StoreError for a file that holds no key, or that others can read."""
    key = _private(path)
    return _line(key.public_key().public_bytes_raw(), key.sign(SIGNED + words))


def public(path: Path) -> str:
    """The public half of the key in a file. Raises as `sign` does."""
    return _public(_private(path))


def signers(words: bytes, signatures: bytes) -> frozenset[str] | None:
    """The public keys whose signatures these are; None if any of them is none, or is not spelt as `sign` spells it:
    one signature is one line, or the union of two sets would hold it twice.
    """
    needs("share")
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = set()
    for line in signatures.splitlines(keepends=True):
        if not (parts := _LINE.fullmatch(line)):
            return None
        key, made = map(b64decode, parts.groups())
        if line != _line(key, made):
            return None
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(made, SIGNED + words)
        except (InvalidSignature, ValueError):
            return None
        found.add(parts[1].decode())
    return frozenset(found) or None


def trusted(path: Path) -> Trust:
    """Whose keys stand in a trust file. Raises StoreError for a line that is no name and key."""
    with usable(path):
        lines = path.read_bytes()[:LARGEST].decode("utf-8", "replace").splitlines()
    found: dict[str, set[str]] = {}
    for number, line in enumerate(lines, 1):
        name, _, key = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if not (re.fullmatch(NAME, name, re.ASCII) and _KEY.fullmatch(key.strip())):
            raise StoreError(path, f"line {number} is not NAME PUBLIC-KEY, as `agenther key` prints it")
        found.setdefault(key.strip(), set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def distrusted(organisation: str, keys: Iterable[str], trust: Trust) -> str:
    """The first of the keys that the file does not give to that organisation; "" if there is none."""
    return next((key for key in sorted(keys) if organisation not in trust.get(key, ())), "")


def _line(key: bytes, made: bytes) -> bytes:
    return b"%b %b\n" % (b64encode(key), b64encode(made))


def _private(path: Path) -> "Ed25519PrivateKey":
    needs("share")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with usable(path):
        if path.stat().st_mode & 0o077:
            raise StoreError(path, f"others can read this key; `chmod 600 {path}` keeps it")
        pem = path.read_bytes()[:LARGEST]
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreError(path, "holds no Ed25519 key without a password; `agenther key NEW.pem` makes one")
    return key


def _public(key: "Ed25519PrivateKey") -> str:
    return b64encode(key.public_key().public_bytes_raw()).decode()
