"""Secrets in the headers of HTTP, and where they are written down: Authorization, cookies, signatures."""

from agenther.redaction.checks import is_basic, is_random
from agenther.redaction.spans import Reader, Span, after

COLON = r"(?:\\{0,8}[\"'])?\s{0,3}[:=,]\s{0,3}(?:\\{0,8}[\"'])?"
_bearer = after(
    "SECRET", r"(?i:bearer:?)[ +]{1,3}(?P<v>[A-Za-z0-9._~+/-]{8,4096}={0,2})", lambda v: is_random(v, least=8)
)
_authorization = after(
    "SECRET",
    rf"(?i:authorization){COLON}(?:[A-Za-z][\w-]{{2,20}}[ +]{{1,3}})?(?P<v>[A-Za-z0-9._~+/-]{{6,4096}}={{0,2}})",
    lambda v: is_random(v, least=8) or is_basic(v),
)
_PAIR = r"[\w.-]{1,64}=[^;\s\"'\\]{1,4096}"
_cookies = after("SECRET", rf"(?i:cookies?){COLON}(?P<v>{_PAIR}(?:; ?{_PAIR})*)", bool)
_set_cookie = after("SECRET", rf"(?i:cookie){COLON}[\w.-]{{1,64}}=(?P<v>[^;,\s\"'\\]{{2,4096}})", bool)
_docker = after("SECRET", r"(?i:auth)\\{0,8}\"\s?:\s?\\{0,8}\"(?P<v>[A-Za-z0-9+/]{8,512}={0,2})", is_basic)
_signature = after("SECRET", r"(?<=[?&])(?i:sig)=(?P<v>[\w%+/=-]{20,512})", lambda v: is_random(v, least=20))


def _cookie(text: str, at: int) -> Span | None:
    """All that the browser sends; of what the server sets, the value."""
    return (_set_cookie if text[at - 4 : at - 1].lower() == "set" else _cookies)(text, at)


READERS: dict[str, Reader] = {
    "bearer": _bearer,
    "oauth ": after("SECRET", r"(?i:oauth) (?P<v>[A-Za-z0-9._~+/-]{16,4096}={0,2})", lambda v: is_random(v, least=16)),
    "basic ": after("SECRET", r"(?i:basic) (?P<v>[A-Za-z0-9+/]{8,512}={0,2})", is_basic),
    "authorization": _authorization,
    "response=": after("SECRET", r"(?i:response)=\\{0,8}\"(?P<v>[0-9a-f]{32,64})", bool),  # to a digest's challenge
    "cookie": _cookie,
    'auth"': _docker,
    "auth\\": _docker,
    "sig=": _signature,
}
