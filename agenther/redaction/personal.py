"""Where somebody is: phone numbers with a country code, IP addresses, home folders."""

import re
from urllib.parse import unquote

from agenther.redaction.checks import is_counted, is_ipv4, is_ipv6, is_phone
from agenther.redaction.spans import BEGIN, Group, Rule

_VERSION = r"(?i)(?:version|[=<>~!]=|[a-z]/)[\s:.\"'\\=]*$"
_WORD = re.compile(rf"(?:{BEGIN.pattern})[A-Za-z][A-Za-z0-9]{{0,15}}\Z")
_PAGE = r"(?:(?i:href|src|url|action)[\"'\\]*\s?[=:]\s?[\"'\\]*|\b(?:GET|POST|PUT|PATCH|DELETE) )$"  # of a site
# Accounts that images and services come with; they are nobody's name.
_NOBODY = frozenset(
    """ubuntu root runner node app agent vscode ec2-user jovyan coder docker linuxbrew user users admin default
    public shared guest administrator envs work workspace project projects data circleci vagrant gitpod codespace
    sandbox appuser nonroot""".split()
)


def _is_address(match: re.Match[str]) -> bool:
    """No version: those stand behind a name, a sign of comparison or the word."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    return is_ipv4(match["v"]) and not re.search(_VERSION, before) and not is_counted(match.string, match.start())


def _is_in_name(match: re.Match[str]) -> bool:
    """Behind a short word, as in names of hosts."""
    word = _WORD.search(match.string, max(0, match.start() - 16), match.start())
    return word is not None and is_ipv4(match["v"].replace("-", "."))


def _is_home(match: re.Match[str]) -> bool:
    name = match["v"].rstrip(".")
    if (
        name.lower() in _NOBODY
        or name.startswith(".")
        or not any(map(str.isalnum, name))
        or re.search(r"\.(?:html?|php|js|css|aspx?)$", name)
    ):
        return False
    before = match.string[max(0, match.start() - 12) : match.start()]
    return not re.search(_PAGE, before)


_PHONE_ABROAD = (
    r"(?P<v>\+(?:1[ .-]?\(?[2-9]\d\d\)?[ .-]?\d{3}[ .-]?\d{4}"
    r"|[2-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}))(?!(?!x\d)\w|\.\d)"
)
_IPV4 = r"(?P<v>\d{1,3}(?:\.\d{1,3}){3})(?!\w|\.\d|-\d)"
_IPV6 = (
    r"(?:[23][0-9a-fA-F]{3}|[fF][cCdD][0-9a-fA-F]{2}|[fF][eE][89abAB][0-9a-fA-F])"
    r":[0-9a-fA-F:]{0,43}[0-9a-fA-F](?!\w|:[\w:])"
)
_IPV6_IN_URL = r"(?P<v>(?:[23][0-9a-fA-F]{3}|[fF][c-eC-E][0-9a-fA-F]{2})(?:%3A[0-9a-fA-F]{0,4}){2,7})(?!\w)"
_IPV6_HINT = r":(?::|[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:)"
_MAC = r"(?P<v>[0-9a-fA-F]{2}(?:~[0-9a-fA-F]{2}){5})(?![\w:-])"
_IP_IN_NAME = r"-(?P<v>\d{1,3}(?:-\d{1,3}){3})(?=\.[A-Za-z]|[\s\"':]|\Z)"
_UNC = r"(?P<gap>\\{1,4})(?P=gap)(?P<v>[A-Za-z0-9][\w.-]{1,62}(?P=gap)[\w$.-]{1,80}(?:(?P=gap)[\w$.-]{1,80})*)"
_HOME_UNIX = r"/(?:home|Users)/(?P<v>[\w.@+-]+)"
_NAME = r"[^\\/\s\"'<>|:*?]+"
_HOME_WINDOWS = (
    r"[A-Za-z]:(?:\\{1,8}|/)(?i:Users|Documents and Settings)(?:\\{1,8}|/)"
    rf"(?P<v>{_NAME}(?: {_NAME}){{0,3}}(?=[\\/])|{_NAME})"
)


_NO_WORD = re.compile(r"(?<![\w.~-])|(?<=/[a-z])|(?<=\\[nrt])")
_NO_SUM = re.compile(r"(?<![\w.+/-])|(?<=\\[nrt])")
_NO_COLON = re.compile(rf"(?:{BEGIN.pattern})(?<!:)")
_NO_DOT = re.compile(rf"(?:{BEGIN.pattern})(?<![.-])")
PERSONAL = tuple(
    Group(re.compile(hint), (Rule(kind, re.compile(pattern), check, begin),))
    for hint, kind, pattern, check, begin in (
        (r"\+[1-9]", "PHONE", _PHONE_ABROAD, lambda match: is_phone(match["v"]), _NO_SUM),
        (r"\.\d{1,3}\.\d", "IP", _IPV4, _is_address, _NO_DOT),
        (
            _IPV6_HINT,
            "IP",
            rf"(?P<v>(?<=//)\[{_IPV6}\]|{_IPV6})",
            lambda match: is_ipv6(match["v"].strip("[]")),
            _NO_COLON,
        ),
        ("%3A[0-9a-fA-F]{0,4}%3A", "IP", _IPV6_IN_URL, lambda match: is_ipv6(unquote(match["v"])), BEGIN),
        (r":[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:", "MAC", _MAC.replace("~", ":"), bool, _NO_COLON),
        (r"-[0-9a-fA-F]{2}-[0-9a-fA-F]{2}-", "MAC", _MAC.replace("~", "-"), bool, _NO_DOT),
        (r"-\d{1,3}-\d{1,3}-\d", "IP", _IP_IN_NAME, _is_in_name, re.compile("")),
        (r"\\\\[A-Za-z0-9]", "UNC", _UNC, bool, re.compile(r"(?<![\\\w:])")),
        (r"\d \d\d \d\d [A-D]", "ID", r"(?P<v>[A-CEGHJ-PR-TW-Z]{2} \d\d \d\d \d\d [A-D])(?!\w)", bool, BEGIN),  # NINO
        (r"/home/|/Users/", "HOME", _HOME_UNIX, _is_home, _NO_WORD),
        (r":[\\/]+(?i:Users|Documents and Settings)[\\/]", "HOME", _HOME_WINDOWS, _is_home, _NO_WORD),
    )
)
