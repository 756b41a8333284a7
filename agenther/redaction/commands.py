"""Passwords in command lines: what follows a user, an option that takes one, or goes into a command that asks."""

import re

from agenther.redaction.checks import is_filled_in, is_password
from agenther.redaction.lists import LISTS
from agenther.redaction.spans import Reader, Span, after

_VALUE = r"\\{0,8}[\"']?(?P<v>[^\s\"'\\-][^\s\"'\\]{2,255})"
_ARGUMENT = r"[ =:]\\{0,8}[\"']?[^\s\"'-][^\s\"']{0,80}[\"']?"
_PORT = re.compile(r"[\d.:-]+(?:/\w+)?")


def _is_argument(value: str) -> bool:
    """Anything but a stand-in and a port."""
    return is_filled_in(value) and not _PORT.fullmatch(value)


_behind_user = after(  # psexec -u ann -p opensesame, schtasks /ru ann /rp opensesame, smbclient -U ann%opensesame
    "SECRET",
    r" (?:(?:-[uU]|--user(?:name)?|/r?u|/user)(?![^\n]{1,80}\.py )"
    rf"{_ARGUMENT}(?: [-/]{{1,2}}[\w-]{{1,20}}(?:{_ARGUMENT})?){{0,4}}? (?:-(?:p|P|pw|w)[ =:]?|/r?p[ =:])"
    r"|-U[ =]?\\{0,8}[\"']?[\w./\\-]{1,80}%(?!\w+%))" + _VALUE,
    _is_argument,
)
_curl = after(
    "SECRET",
    r"(?i:curl) [^\n]{0,200}?(?:-u|--user|--proxy-user)[ =]\\?[\"']?[\w.@+-]{1,64}:(?P<v>[^\s\"'\\]{3,256})",
    lambda value: is_password(value, bare=False, in_prose=False),
)
_piped = after(
    "SECRET",
    rf"(?:echo|printf)(?: -n)? (?:\\?[\"']?[a-z][\w-]{{0,31}}:)?{_VALUE}(?:\\n)?\\{{0,8}}[\"']?"
    r" ?\| ?[^|\n;]{0,120}"
    r"(?:--?(?:password|passphrase|pass|token)-(?:stdin|fd)|sudo -S|chpasswd|kinit|cryptsetup|--stdin|--with-token)",
    _is_argument,
)
_community = after(
    "SECRET",
    r"(?i:community)(?:[ _-]?(?i:string|name))?\s?(?:[:=]|\bis\b:?|(?=[ \"'\\]))\s?\\{0,8}"
    r"[\"']?(?P<v>[^\s\"'\\,;]{3,64})",
    lambda value: is_password(value, bare=False, in_prose=False),
)
_OF_SNMP = re.compile(r"(?i)(?:snmp[\w -]{0,20}|\br[ow]|\btrap)\Z")
_PROSE = re.compile(r"(?<= )[a-z]+\b(?! ?(?:(?i:r[ow])\b|\n|\\n|\Z))")


def _community_of_snmp(text: str, at: int) -> Span | None:
    """What SNMP has for a password; no word that a sentence goes on with."""
    span = _community(text, at) if _OF_SNMP.search(text, max(0, at - 30), at) else None
    return None if span and _PROSE.match(text, span.start) else span


def _option(line: str) -> Reader:
    """Of a command's name and the option whose argument is a password: sshpass -p hunter2, mysql -phunter2."""
    name, option = line.split()
    return after("SECRET", rf"(?i:{name})[\w.]{{0,5}} (?:[^\n|;]{{0,120}}? )??{option}[ :=]?{_VALUE}", _is_argument)


_authenticates = after(
    "SECRET",
    rf"AUTH(?: PLAIN| LOGIN)? {_VALUE}(?![^\s\\])",
    lambda value: is_password(value, bare=False, in_prose=True),
)
_pass = after("SECRET", rf"PASS {_VALUE}(?![^\s\\])", is_filled_in)


def _pass_of_user(text: str, at: int) -> Span | None:
    """What a client of FTP or POP3 says after USER; not the word of a test."""
    return _pass(text, at) if re.search(r"USER [^\s\\]", text[max(0, at - 120) : at]) else None


READERS: dict[str, Reader] = {
    **dict.fromkeys((" -u", " --user", " /u", " /ru"), _behind_user),
    "/user:": after("SECRET", rf"(?i:/user):[^\s/]{{1,80}} (?!/){_VALUE}", _is_argument),
    "net user ": after("SECRET", rf"(?i:net user) [\w.-]{{1,64}} (?!/){_VALUE}", _is_argument),
    "curl ": _curl,
    **dict.fromkeys(("echo ", "printf "), _piped),
    "securestring": after("SECRET", rf"(?i:securestring)(?: -(?i:string))? (?=\\{{0,8}}[\"']){_VALUE}", is_filled_in),
    "auth ": _authenticates,
    "pass ": _pass_of_user,
    # In answer to "Password:", in base64.
    "334 ugfzc3dvcmq6": after("SECRET", r"\w+ \w+(?:\s|\\[rn]){1,4}(?P<v>[\w+/=]{4,256})", bool),
    "community": _community_of_snmp,
    **{line.split()[0]: _option(line) for line in LISTS["commands"]},
}
