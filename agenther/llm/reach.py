"""Why no connection came about, told by what the operating system said and not by any client's words."""

import errno
import socket
import ssl
from collections.abc import Iterator

NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})


def unreachable(error: BaseException, where: str) -> str:
    """In words, when nothing can have been sent to `where`; "" when a connection broke, or was too slow."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return f"no connection: the name in {where} cannot be found ({cause.strerror})"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"no connection: the certificate of {where} is not trusted ({cause.verify_message})"
        if isinstance(cause, ConnectionRefusedError):
            return f"no connection: nothing listens at {where} ({cause.strerror})"
        if isinstance(cause, OSError) and cause.errno in NO_WAY:
            return f"no connection: no way leads to {where} ({cause.strerror})"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the first cause last."""
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
