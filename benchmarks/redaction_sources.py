"""How many kinds of private values does `agenther.redaction` find that others have listed?

    pip install kingfisher-bin==1.112.0 faker
    python benchmarks/redaction_sources.py [--show N]

Two lists that nobody here wrote, read from the installed packages: the examples of the rules that Kingfisher 1 came
with (a thousand issuers' keys; what redaction itself uses is Kingfisher 2, which has other rules and no examples),
and what Faker makes of people's numbers, for all its countries. A kind is found when it is found in each example.
Hosts, accounts and other helpers that Kingfisher does not report are left out.
"""

import argparse
import json
import random
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import regex
from faker import Faker
from faker.config import AVAILABLE_LOCALES

from agenther.redaction import redact

KEY = b"a key for measuring"
PERSONAL = {
    "phone_number": ("phone: {}", "Call me at {} tomorrow.", '{{"mobile_number": "{}"}}'),
    "ssn": ("national id: {}", '{{"ssn": "{}"}}'),
    "iban": ("IBAN: {}", '{{"iban": "{}"}}'),
    "email": ("{}", "mail {} now"),
    "credit_card_number": ("card number: {}", '{{"card": "{}"}}'),
    "passport_number": ("passport: {}", "My passport number is {}."),
    "mac_address": ("{}", '{{"mac": "{}"}}'),
    "ipv4_public": ("{}", "client {} - -"),
    "ipv6": ("client: {}",),
    "password": ('{{"password": "{}"}}', "password is {}\n"),
}
ROUNDS = 5


def issuers() -> Iterator[tuple[str, str, str]]:
    """(rule, example, the secret in it): the rule's last group, or all that it matches."""
    import kingfisher  # noqa: PLC0415 - a package that only this list needs

    program = Path(kingfisher.__file__).parent / "bin" / "kingfisher"
    said = subprocess.run(
        [program, "rules", "list", "--format", "json", "--no-update-check"], check=True, capture_output=True
    )
    for rule in json.loads(said.stdout):
        pattern = regex.compile(rule["pattern"])
        for example in rule["examples"] if rule["visible"] else ():
            if match := pattern.search(example):
                group = max((n for n in range(1, pattern.groups + 1) if match[n]), default=0)
                yield rule["id"], example, match["TOKEN" if "TOKEN" in pattern.groupindex else group] or match[0]


def people() -> Iterator[tuple[str, str, str]]:
    """(country and sort of number, a text with one, the number)."""
    for locale in sorted(AVAILABLE_LOCALES):
        fake = Faker(locale)
        fake.seed_instance(7)
        for name, texts in PERSONAL.items():
            make = getattr(fake, name, None)
            if make is None or (locale != "en_US" and name in ("mac_address", "ipv4_public", "ipv6", "password")):
                continue
            for _ in range(ROUNDS):
                value = str(make())
                yield from ((f"{name} {locale}", text.format(value), value) for text in texts)


def measure(title: str, plants: Iterator[tuple[str, str, str]], show: int) -> None:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    missed = []
    for kind, text, secret in plants:
        hidden = secret not in str(redact(text, KEY).value)
        found[kind].append(hidden)
        if not hidden:
            missed.append((kind, text[:160], secret[:60]))
    whole = sum(map(all, found.values()))
    most = sum(2 * sum(hits) > len(hits) for hits in found.values())
    texts = sum(map(len, found.values()))
    print(f"{title}: {len(found)} kinds, {whole} found in each text ({whole / len(found):.1%}), {most} in most texts")
    print(f"  ({most / len(found):.1%}); {texts} texts, {texts - len(missed)} found ({1 - len(missed) / texts:.1%})")
    for line in random.Random(1).sample(missed, min(show, len(missed))):
        print("   ", *map(repr, line))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=0, help="missed texts to print")
    options = parser.parse_args()
    measure("keys of issuers (Kingfisher 1's rules)", issuers(), options.show)
    measure("numbers of people (Faker)", people(), options.show)
