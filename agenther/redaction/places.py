"""Secrets that only the place gives away where that is no name beside: files, commands, addresses, prose."""

import re
from collections.abc import Callable

from agenther.redaction.checks import are_words_of_secret, is_filled_in, is_password, is_random
from agenther.redaction.spans import Group, Reader, Rule, Span, after

_ANYWHERE = re.compile("")
_Q = r"(?:\\{0,8}[\"'`])?"
_IS = rf"{_Q}\s{{0,3}}(?:[:=]|\b(?i:is)\b:?|\s)\s{{0,3}}{_Q}"


def _has_mark(value: str) -> bool:
    """A digit, or both cases: no word of the site's own."""
    return any(map(str.isdecimal, value)) or not (value.islower() or value.isupper() or value.istitle())


def _is_code(value: str) -> bool:
    return any(map(str.isdecimal, value)) and not re.fullmatch(r"20\d\d", value)


_ASKED = re.compile(
    r"(?i)(?:verification|one[ _-]?time|security|login|access|auth\w{0,12}|confirmation|2fa|mfa|sms|backup|recovery"
    r"|reset|unlock|sign-?in|\bpass)[ _-]?(?:pass)?\Z"
)
_code = after(
    "SECRET",
    rf"(?i:codes?|otp|pin|cvv2?|cvc)(?:[ _-]?(?i:code|number))?{_IS}"
    r"(?P<v>(?:G-)?\d{3}[ -]?\d{0,3}\d{0,2}|[A-Z0-9]{4}-[A-Z0-9]{4})(?![\w.-]?\w)",
    _is_code,
)


_grant = after("SECRET", r"(?i:code)=(?P<v>[\w%+/=.~-]{16,2048})", lambda value: is_random(value, least=16))


def _one_time(text: str, at: int) -> Span | None:
    """A code that is asked for once, or with a card; not a status, a country's or a place's."""
    before = text[max(0, at - 24) : at]
    if text[at + 4 : at + 5] == "=" and before.endswith(("?", "&")):
        return _grant(text, at)
    named = text[at : at + 4].lower() == "code" and not _ASKED.search(before)
    return None if named or (re.search(r"[A-Za-z0-9]\Z", before) and not _ASKED.search(before)) else _code(text, at)


_words = after(
    "SECRET",
    rf"(?i:mnemonic|seed|phrase)(?i:[ _-]?(?:words|phrase))?{_IS}"
    r"(?P<v>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})(?![a-z])",
    bool,
)
_passphrase = after(
    "SECRET",
    r"(?i:passphrase|pass phrase)(?:\\{0,8}[\"'])?\s?(?:[:=]|\bis\b:?)\s{0,8}\\{0,8}[\"'`]?"
    r"(?P<v>[\w'-]{2,24}(?: [\w'-]{2,24}){2,11})(?![\w ])",
    lambda value: are_words_of_secret(value.split()),
)
_beside = after(
    "SECRET",
    r"[A-Za-z]{3,6}[ ](?i:key|token|secret)s?\s{0,2}\d{0,2}:?(?:\s|\\n){1,3}(?P<v>[A-Za-z0-9+/=_-]{24,512})",
    lambda value: is_random(value, least=24),
)
_signed = after("SECRET", r"(?i:signature|credential|policy)=(?P<v>[\w%+/=.~-]{16,2048})", bool)

called = after(  # connect("db", "ann", "opensesame")
    "SECRET",
    r"(?i:\w{0,12}(?:(?:connect|credential)\w{0,8}[\w\]:.]{0,12}|auth ?=? ?))\("
    r"(?:\s{0,8}\\{0,4}[\"'][^\"'\n]{1,200}[\"']\s?,\s{0,8}){1,2}"
    r"\\{0,4}[\"'](?P<v>[^\"'\s\\]{3,256})\\{0,4}[\"']\s{0,8}[),]",
    is_filled_in,
)


def _is_in_groups(value: str) -> bool:
    """Groups of one length."""
    groups = value.split("-")
    return len(set(map(len, groups))) == 1 and (len(groups) > 5 or _has_mark(value.replace("-", "")))


READERS: dict[str, Reader] = {
    "login": after(
        "SECRET", r"(?i:login)\s{1,8}[^\s\\]{1,64}(?:\s|\\n){1,8}password\s{1,8}(?P<v>[^\s\"'\\]{1,256})", bool
    ),
    **dict.fromkeys(("passphrase", "pass phrase"), _passphrase),
    "identified ": after(
        "SECRET", r"(?i:identified\s+(?:with\s+\w+\s+)?by)\s+\\{0,4}['\"](?P<v>[^'\"\\\s]{3,256})", bool
    ),
    **dict.fromkeys(("connect", "auth(", "auth=(", "auth = ("), called),
    **dict.fromkeys(("?u=", "&u="), after("SECRET", r".u=[^&\s]{1,80}&p=(?P<v>[^&\s\"'\\]{3,256})", is_filled_in)),
    "psk": after(
        "SECRET",
        rf"(?i:psk){_IS}(?P<v>[^\s\"'\\;,]{{8,64}}|(?<=\")[^\"\n\\]{{8,63}}(?=\"))",
        lambda value: is_password(value, bare=False, in_prose=False),
    ),
    **dict.fromkeys(("signature=", "credential=", "policy="), _signed),
    **dict.fromkeys(("mnemonic", "seed", "phrase"), _words),
    **dict.fromkeys(("code", "otp", "pin", "cvv", "cvc"), _one_time),
    **dict.fromkeys(
        (
            *("api key", "access key", "secret key", "unseal key", "auth token", "access token", "secret token"),
            *("api secret", "client secret", "app secret"),
        ),
        _beside,
    ),
}


def _group(hint: str, pattern: str, check: Callable[[str], bool] = bool) -> Group:
    return Group(re.compile(hint), (Rule("SECRET", re.compile(pattern), lambda match: check(match["v"]), _ANYWHERE),))


PLACES = (
    _group(  # a key in groups: a licence, a recovery
        r"-[A-Z0-9]{4,6}-[A-Z0-9]{4,6}-[A-Z0-9]{4}",
        r"(?<![\w-])(?P<v>(?:[A-Z0-9]{4,6}-){4,15}[A-Z0-9]{4,6})(?![\w-])",
        _is_in_groups,
    ),
    _group(  # .pgpass: host:port:database:user:password
        r":(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:",
        r"(?:(?<![^\s\"'])|(?<=\\n))[\w.*-]{1,253}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:(?P<v>[^\s\"':\\]{3,256})(?![^\s\"'\\])",
    ),
    _group(  # user/password@database of Oracle's tools
        r"/[^\s/@]{3,64}@",
        r"(?:(?:sqlplus|conn|connect|rman)(?: -\w{1,8})? |thin:|[\"'=])[A-Za-z]\w{1,30}/"
        r"(?P<v>[^\s/@\"'\\]{3,64})@/{0,2}[A-Za-z][\w.-]*"
        r"(?::\d{2,5})?(?:/\w+)?(?=[\s\"'\\;]|\Z)",
        is_filled_in,
    ),
    _group(  # crypt(3), PHC strings
        r"\$[\w-]{1,16}\$", r"(?P<v>\$(?:\d\w?|y|[a-z][a-z0-9-]{2,20})\$[A-Za-z0-9./=,*$+-]{20,1024})"
    ),
    *(
        _group(  # a hook may be called by whoever knows its address
            hint,
            r"https?://(?=[^\s\"'<>\\]{0,200}(?i:hook))[\w.-]+/(?:(?:[a-z_-]+|v?\d{1,2})/)*"
            r"(?P<v>(?=[^\s\"'<>\\]*\d)[^\s\"'<>\\)\],]{8,512})",
            _has_mark,
        )
        for hint in ("hook", "Hook")
    ),
    _group(  # a key as the first part of an API's path
        r"/v\d{1,2}/[\w-]{20}",
        r"/v\d{1,2}/(?P<v>[\w-]{20,128})(?=[/?\s\"'<>\\)]|\Z)",
        lambda value: is_random(value, least=20),
    ),
    _group(  # a link that lets in whoever has it
        "://",
        r"://[^\s\"'<>\\]{1,200}?[/?&_-](?:reset|verify|confirm|invite|invitation|magic|activate|unsubscribe|recover)"
        r"(?:[_-][a-z]{2,12}){0,2}[/=](?P<v>[A-Za-z0-9]{16,256}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w.-])",
        lambda value: is_random(value, least=16),
    ),
    _group("ANSIBLE_VAULT", r"\$ANSIBLE_VAULT;[\w.;-]{1,80}(?P<v>(?:(?:\s|\\n){1,12}[0-9a-f]{20,})+)"),
    *(  # what is left of a key in pieces
        _group(hint, rf"(?P<v>{hint}(?:[A-Za-z0-9+/=]|\\n|\n){{40,65536}}+)")
        for hint in ("MII[A-Z]", "MIG[A-Z]", "b3BlbnNzaC1rZXkt")
    ),
)
