"""Is a value what its shape or its name says? Words, placeholders, code, dates and other numbers are not."""

import base64
import binascii
import re
from ipaddress import IPv6Address

from agenther.redaction.lists import LISTS

# Lengths by country, from the IBAN registry (SWIFT, ISO 13616).
IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in """AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29
    ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21
    LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24
    SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20""".split()
}
_NO_VALUE = re.compile(
    r"""[{<\[#].*|\$(?:[\w.:>()\[\]'"-]*|[{(].*)|\*(?:[*./].*|[\w-]*)|%(?:\w+%|[({].*|[a-z])  # a variable, an alias
    |.*(?:\$\{|\{\{|\*\*\*|\.\.\.|…|x{4}|X{4}|://).*  # variables, masks, addresses
    |[A-Za-z_][\w.]*[(\[].*                                          # a call, an item
    |(?-i:[~.]{0,2}/\.?[a-z][a-z_-]+(?:/.*)?)                           # a path
    |(?:self|this|os|process|config|settings|env|args|request|req|options|params|data|user|ctx)\..*
    |\d{4}-\d\d-\d\d.*                                               # a date
    |[a-z_-]+:.*[0-9a-f]{8}-[0-9a-f]{4}-.*                          # a name made of an id (agent:main:…)
    |(?:your|my|our|the|some|any|example|demo|test|dummy|fake|sample|placeholder|enter|insert|replace|change)[-_a-z]*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_WORDS = frozenset(
    """none null nil true false undefined string str text number integer int bytes required optional missing invalid
    valid incorrect wrong empty blank hidden masked redacted removed secret password passwd passphrase pass pwd
    token key field input type label name value default changed reset expired forgotten protected encrypted hashed
    plain plaintext not given set unset login sign forgot show hide confirm confirmation new old current user
    username email admin root guest and or is was with
    to for of the a an your my option flag argument parameter if when must can from as at in on""".split()
)
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
# A name with a version in it (GPL-3.0-only).
_WORDS_AND_FIGURES = re.compile(r"(?:[A-Za-z]+|\d+)(?:[-_.+](?:[A-Za-z]+|\d+))+")
_COUNTED = re.compile(rf"(?i)\b(?:{'|'.join(LISTS['counted'])})[\s:.#\"'\\=]{{1,4}}\Z")


def digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def is_random(value: str, *, least: int) -> bool:
    """Letters and digits mixed, or long and of both cases; no word, name, path, date or placeholder."""
    number = any(map(str.isdecimal, value))
    if len(value) < least or not (number or (len(value) >= 20 and not value.islower() and not value.isupper())):
        return False
    if _NO_VALUE.fullmatch(value):
        return False
    if _WORDS_AND_FIGURES.fullmatch(value) and len(digits(value)) < 4:
        return False
    if number:
        return any(map(str.isalpha, value)) or (value.isdecimal() and len(value) >= 24)
    return 4 * min(sum(map(str.isupper, value)), sum(map(str.islower, value))) >= len(value)  # no camelCaseName


def is_password(value: str, *, bare: bool, in_prose: bool) -> bool:
    """Any value in quotes but words that say something about a password; a bare one must not look like a word."""
    if len(value) < 4 or value.lower() in _WORDS or _NO_VALUE.fullmatch(value):
        return False
    number = any(map(str.isdecimal, value))
    if in_prose:
        return len(value) >= 6 and number and any(map(str.isalpha, value)) and not _FILE.fullmatch(value)
    return number or not bare or bool(re.search(r"[^\w.,'/-]", value)) or value not in (value.lower(), value.title())


def are_words_of_secret(words: list[str]) -> bool:
    """Words that make a passphrase: none that says something about one, no sentence."""
    return not any(word.lower() in _WORDS or not re.fullmatch(r"[\w'-]+", word) for word in words)


def is_contract(value: str) -> bool:
    """The address of a token on a chain, which is public."""
    return bool(re.fullmatch(r"0x[0-9a-fA-F]{40}", value))


def is_filled_in(value: str) -> bool:
    """Whatever stands where only a password can stand, but a stand-in for one."""
    return not _NO_VALUE.fullmatch(value)


def is_basic(value: str) -> bool:
    """Base64 of user:password (RFC 7617)."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return ":" in text and text.isprintable()


def is_phone(value: str) -> bool:
    """A number that could be dialled (ITU-T E.164), not a date, a range of years or a coordinate."""
    if re.search(r"\d{4}-\d\d-\d\d|^\d\d?[./-]\d\d?[./-]\d{4}|^(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d$", value):
        return False
    return 7 <= len(digits(re.split(r"x|ext", value)[0])) <= 15 and not re.fullmatch(r"[+-]?\d+\.\d+", value)


def is_counted(text: str, at: int) -> bool:
    """Does what stands at `at` count or number something: a version, a chapter, scores?"""
    return bool(_COUNTED.search(text, max(0, at - 20), at))


def is_called_phone(value: str) -> bool:
    """As above, for what is called a phone number: it may come without sign and gaps, if it is long enough."""
    return is_phone(value) and (not value.isdecimal() or len(value) >= 8)


def is_card(value: str) -> bool:
    """The check digit of ISO/IEC 7812 (Luhn)."""
    numbers = [int(digit) for digit in reversed(digits(value))]
    doubled = (2 * number - 9 if number > 4 else 2 * number for number in numbers[1::2])
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + sum(doubled)) % 10 == 0


def is_iban(value: str) -> bool:
    """Its country's length, and the check digits of ISO 7064."""
    value = value.replace(" ", "").upper()
    if len(value) != IBAN_LENGTHS.get(value[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def is_ipv4(value: str) -> bool:
    """An address of some machine: no section number, no mask, not this machine or every one."""
    octets = [int(octet) for octet in value.split(".")]
    return (octets[0] >= 10 or max(octets) >= 32) and max(octets) <= 255 and octets[0] not in (0, 127, 255)


def is_ipv6(value: str) -> bool:
    try:
        IPv6Address(value)
    except ValueError:
        return False
    return True


def is_aws_secret(value: str) -> bool:
    """Forty signs as a generator gives them: of every sort, and no path."""
    sorts = (str.isupper, str.islower, str.isdecimal)
    return all(sum(map(sort, value)) >= 3 for sort in sorts) and not re.search(r"[a-z]{7}|/.*/.*/.*/", value)
