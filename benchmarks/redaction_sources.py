"""How many kinds of private values does `agenther.redaction` find that others have listed?

    pip install kingfisher-bin==1.112.0 faker
    python benchmarks/redaction_sources.py [--show N]

Two lists that nobody here wrote, read from the installed packages: the examples of the rules that Kingfisher 1 came
with (a thousand issuers' keys; what redaction itself uses is Kingfisher 2, which has other rules and no examples),
and what Faker makes of people's numbers, for all its countries. A kind is found when it is found in each example.
Hosts, accounts and other helpers that Kingfisher does not report are left out.

Some examples hold no secret: the rule's own title says that what it finds is public, a variable stands where the
value would, a word that means one ("password", "MyPassword"), or an address without a password. They are counted
apart, found or not, by their reason. Keys that count up or are the alphabet, as no generator makes them, count as
they stand.
"""

import argparse
import json
import random
import re
import subprocess
from collections import Counter, defaultdict
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


# What rules find that anybody may know, by their titles.
PUBLIC = re.compile(
    r"(?i)\b(?:user ?name|client id|publish|publishable|public (?:api |access )?(?:key|token)|search url)\b"
)
VARIABLE = re.compile(r"""["']?(?:[$%#]\{?[A-Za-z].*)""", re.DOTALL)
MEANS_ONE = re.compile(r"(?i)(?:my|your|some)?_?(?:plain_?text)?_?(?:password|passwd|pass|secret)")
NO_PASSWORD = re.compile(r"(?i)jdbc:(?!.*(?:password|pwd)=)(?!.*[:/][^:/@]+@).*")


def issuers() -> Iterator[tuple[str, str, str, str]]:
    """(rule, example, the secret in it, why it is none): what Kingfisher reports of the example as the secret."""
    import kingfisher  # noqa: PLC0415 - a package that only this list needs

    program = Path(kingfisher.__file__).parent / "bin" / "kingfisher"
    said = subprocess.run(
        [program, "rules", "list", "--format", "json", "--no-update-check"], check=True, capture_output=True
    )
    for rule in json.loads(said.stdout):
        pattern = regex.compile(rule["pattern"])
        for example in rule["examples"] if rule["visible"] else ():
            if match := pattern.search(example):
                secret = match[group(match)]
                yield rule["id"], example, secret, no_secret(rule["name"], secret)


def group(match: "regex.Match[str]") -> str | int:
    """The group that is named so, that which stands as the password in an address, the last one, or all."""
    if named := {"TOKEN", "password"} & match.re.groupindex.keys():
        return min(named)
    groups = [n for n in range(1, match.re.groups + 1) if match[n]]
    in_address = [n for n in groups if n > 1 and match.string[match.start(n) - 1 : match.start(n)] == ":"]
    in_address = [n for n in in_address if match.string[match.end(n) : match.end(n) + 1] == "@"]
    return max(in_address or groups, default=0)


def no_secret(title: str, secret: str) -> str:
    """Why what the rule finds is no secret; nothing if it is one."""
    if PUBLIC.search(title):
        return "public, by the rule's title"
    if VARIABLE.fullmatch(secret):
        return "a variable"
    if MEANS_ONE.fullmatch(secret.strip("\"';")):
        return "a word that means one"
    return "an address without a password" if NO_PASSWORD.fullmatch(secret) else ""


def people() -> Iterator[tuple[str, str, str, str]]:
    """(country and sort of number, a text with one, the number, nothing)."""
    for locale in sorted(AVAILABLE_LOCALES):
        fake = Faker(locale)
        fake.seed_instance(7)
        for name, texts in PERSONAL.items():
            make = getattr(fake, name, None)
            if make is None or (locale != "en_US" and name in ("mac_address", "ipv4_public", "ipv6", "password")):
                continue
            for _ in range(ROUNDS):
                value = str(make())
                yield from ((f"{name} {locale}", text.format(value), value, "") for text in texts)


def measure(title: str, plants: Iterator[tuple[str, str, str, str]], show: int) -> None:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    missed = []
    apart: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for kind, text, secret, reason in plants:
        hidden = secret not in str(redact(text, KEY).value)
        if reason:
            apart[reason][hidden] += 1
            continue
        found[kind].append(hidden)
        if not hidden:
            missed.append((kind, text[:160], secret[:60]))
    whole = sum(map(all, found.values()))
    most = sum(2 * sum(hits) > len(hits) for hits in found.values())
    texts = sum(map(len, found.values()))
    print(f"{title}: {len(found)} kinds, {whole} found in each text ({whole / len(found):.1%}), {most} in most texts")
    print(f"  ({most / len(found):.1%}); {texts} texts, {texts - len(missed)} found ({1 - len(missed) / texts:.1%})")
    for reason, hits in apart.items():
        print(f"  apart, {reason}: {hits.total()} texts, {hits[True]} found")
    for line in random.Random(1).sample(missed, min(show, len(missed))):
        print("   ", *map(repr, line))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=0, help="missed texts to print")
    options = parser.parse_args()
    measure("keys of issuers (Kingfisher 1's rules)", issuers(), options.show)
    measure("numbers of people (Faker)", people(), options.show)
