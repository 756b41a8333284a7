"""Secrets and numbers that only their name gives away: password=…, "api_key": "…", Cookie: …, phone 020 7946 0000.

The name is found first (plain text search is quick), then the value is read from there. Every reader looks at a
bounded stretch of text, so that the whole stays linear.
"""

import re

from agenther.redaction import commands, headers, people, places
from agenther.redaction.checks import is_password
from agenther.redaction.names import check_for, check_for_call
from agenther.redaction.spans import Reader, Span, after

# From inside a name: its end, and what assigns a value to it.
_ASSIGN = re.compile(
    r"""(?P<rest>[\w-]{0,24})(?:\\{0,8}["'`]|&quot;)?[\])]{0,2}
    (?:[ ]?:[ ]?(?:str|String)(?=[ ]?=)     # its type
      |[ ]\[[\w*]{0,24}\](?=:)             # what a question offers: [None]:
      |(?:[ ](?![Vv]alue)[\w:-]{1,20}=\\{0,8}["'][^"'<>\n]{0,120}["']){1,3}(?=>))?   # attributes of an element
    (?:\s{0,8}\{[^{}]{0,300}?\bdefault\\{0,8}["']?\s?[:=]\s{0,8}        # a declaration: variable "x" { default = … }
      |["'`\])]{0,4}\.(?P<typed>(?i:fill|type|send_?keys|set_?value|press_?sequentially))\((?=\\{0,8}["'])
      |</\w{1,12}>\s{0,24}(?P<beside><)(?:string|value|td|dd)>       # an element, and its neighbour
      |(?P<call>\()(?=\\{0,8}["'])
      |,?\s{1,20}(?:[\w-]{1,20}=\\{0,4}["'][^"'<>\n]{0,40}["']\s){0,3}  # {"name": "x", "value": y}, name="x" value=y
       \\{0,8}["']?value\\{0,8}["']?\s?[:=]\s{0,8}
      |[ \t]{0,8}(?P<sign>:=|=>|={1,3}|%3D|:|>|\||(?<=["']),|\b(?:is|was|to)\b:?)\*{0,2}\s{0,24}
         (?:(?<=>)<[Vv]alue>|[|>][+-]?(?:\n|\\n)\s{1,24})?
      |[ ](?P<coded>[05789])[ ](?=\S{6})   # how it is encrypted, as network devices write it
      |(?P<gap>[ \t]{1,4}))""",
    re.VERBOSE,
)
_VALUE = re.compile(
    r"\"(?P<double>(?:[^\s\"\\]|\\.){3,512}+)(?=\"|\Z)"
    r"|'(?P<single>(?:[^\s'\\]|\\.){3,512}+)(?='|\Z)"
    r"|(?P<open>\\{1,8}[\"']|`|&quot;)(?P<other>[^\s\"\\]{3,512}?)(?=(?P=open)|\Z)"
    r"|(?P<bare>(?:(?!%(?:2[0267C]|3B|7D))[^\s\"'`\\,;&<>{}|]){3,512})"
)
_BEFORE = re.compile(r"[\w.-]*(?: [\w.-]+)? ?\Z")
_ENDS = ("", " ", "\t", "\n", "\r", "&", ";", '"', "'", "\\", "`")
_IN_SECTION = re.compile(r"(?:\A|\n)\[[\w.: -]{1,40}\]\n(?:[\w.;#-][^\n(]*\n){0,20}[\w.-]*\Z")
_COMPOUND = re.compile(r"\w[-_]\Z|\s:\Z")
_LISTED = re.compile(r",[\w.-]{1,40}=")
_LINE_BEGINS = re.compile(r"(?:\A|\n)[ \t]*(?:- )?[\w.-]*\Z")


def _assigned(text: str, at: int) -> Span | None:
    """The secret that is assigned to the name around `at`."""
    end = _ASSIGN.match(text, at)
    if not end:
        return None
    before = _BEFORE.search(text, max(0, at - 30), at)
    name = (before[0] if before else "") + text[at : end.end("rest")]
    is_secret = check_for_call(name) if end["call"] else check_for(name)
    value = is_secret and _VALUE.match(text, end.end())
    if not is_secret or not value:
        return None
    group = "other" if value["other"] else value.lastgroup or "bare"
    start, stop = value.span(group)
    bare = group == "bare"
    if bare:
        stop = start + len(_trimmed(value["bare"]))
    if not _assigns(end["sign"], bare, text[stop : stop + 2]):
        return None
    if end["coded"]:
        return Span(start, stop, "SECRET") if is_password(text[start:stop], bare=False, in_prose=True) else None
    if _stands_alone(text, at, stop, end):
        bare = False
    word = name.rsplit(" ", 1)[-1]
    option = word.startswith("-")
    if option:
        bare = False
    compound = word.isupper() or (end["gap"] and _COMPOUND.search(text, max(0, at - 24), at))
    stated = option or (not bare and compound)  # PASSWORD 'x', define('DB_PASSWORD', 'x'), (setq smtp-password "x")
    in_prose = not stated and (bool(end["gap"]) or (end["sign"] or "").rstrip(":") in ("is", "was", "to", ",", "|"))
    return Span(start, stop, "SECRET") if is_secret(text[start:stop], bare, in_prose) else None


def _stands_alone(text: str, at: int, stop: int, end: re.Match[str]) -> bool:
    """Is the value written where nobody quotes: variables of the shell, addresses, connection strings, YAML, XML?"""
    after = text[stop : stop + 1]
    if end["sign"] == "=":
        glued = end.end() == end.end("sign")
        tight = glued and text[end.start("sign") - 1] != " "
        if after in ("", "\n") and _IN_SECTION.search(text, max(0, at - 500), at):
            return True
        listed = _LISTED.match(text, stop)  # ann,password=x,y=z; code has a blank there
        return (tight and (after in _ENDS or listed is not None)) or (glued and after == ";")
    if end["sign"] == ">" or end["beside"]:
        name = re.escape(text[at : end.end("rest")])
        return bool(re.match(rf"(?i)</(?:\w+:)?(?:{name}|value|string)>", text[stop : stop + 64]))
    return end["sign"] == ":" and after in ("", "\n") and bool(_LINE_BEGINS.search(text, max(0, at - 80), at))


def _assigns(sign: str | None, bare: bool, after: str) -> bool:
    """Does the sign between the name and the value assign it?"""
    if sign == ">":
        return after == "</"  # an element and its text
    return not (bare and sign == ",")


def _trimmed(value: str) -> str:
    """Without the sentence's or the code's own signs at the end."""
    value = value.rstrip(".,:?")
    for left, right in ("()", "[]"):
        while value.endswith(right) and left not in value:
            value = value[:-1]
    return value


_USER = re.compile(
    # A backslash before it may be an escape's ("\nann@…"), whose letter is not the address's, or a domain's.
    r"(?:(?<![\w.%+\\-])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=\\)(?![nrtbf]|u[0-9a-fA-F]{4}))"
    r"[\w.+-]{1,64}\Z"
)
_HOST = re.compile(r"(?:@|%40)(?:[\w-]{1,63}\.){1,8}(?P<top>[A-Za-z]{2,24})(?![\w@(]|-\w)")


def _email(text: str, at: int) -> Span | None:
    """The address around an @; none for SSH remotes, files (logo@2x.png) and what follows a password in a URL."""
    host = _HOST.match(text, at)
    user = host and _USER.search(text, max(0, at - 70), at)
    if not host or not user or host["top"].lower() in _FILES:
        return None
    remote = user[0] == "git" and text[host.end() : host.end() + 1] in (":", "/")
    password = re.search(r"://[^\s/?]*:[^\s/?]*\Z", text[max(0, user.start() - 80) : user.start()])
    return None if remote or password else Span(user.start(), host.end(), "EMAIL")


_ssn = after(
    "SSN",
    rf"(?i:ssn|social security)(?i: ?(?:number|no\.?|#))?(?i: is)?(?:{headers.COLON}|\s)"
    r"(?P<v>\d{3}[ -]?\d\d[ -]?\d{4})(?!\d)",
    bool,
)

_FILES = frozenset(
    "png jpg jpeg gif svg webp avif ico css js mjs ts tsx jsx map json html htm py md txt yml yaml".split()
)
READERS: dict[str, Reader] = {
    **people.READERS,
    **places.READERS,
    **commands.READERS,
    **headers.READERS,
    **dict.fromkeys(
        (
            "pass",
            "pwd",
            "secret",
            "token",
            "key",
            "sess",
            "_pat",
            "-pat",
            "_pw",
            "_api",
            "_auth",
            "-auth",
            "certificate",
            "client_id",
            "client-id",
            "clientid",
            "client.id",
            "app_id",
        ),
        _assigned,
    ),
    " pw": lambda text, at: _assigned(text, at + 1),
    "credential": lambda text, at: places.called(text, at) or _assigned(text, at),
    "@": _email,
    "%40": _email,
    **dict.fromkeys(("ssn", "social security"), lambda text, at: _ssn(text, at) or people.called(text, at)),
}
