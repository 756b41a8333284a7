"""Days on which something was seen, as logs write them."""

from datetime import UTC, datetime, timedelta

SECONDS, MILLISECONDS = 1e8, 1e11
"""From so many on, a number is a time since 1970 in such units."""
KEPT = timedelta(days=365)
"""After it was last seen, a lesson is not believed any more: tools and pages change."""


def day(written: str) -> str:
    """The ISO date of a time in ISO or since 1970; empty where it is neither."""
    try:
        return datetime.fromisoformat(written.strip()).date().isoformat()
    except ValueError:
        return _since_1970(written)


def _since_1970(written: str) -> str:
    try:
        number = float(written)
        number /= 1000 if number >= MILLISECONDS else 1
        return datetime.fromtimestamp(number, UTC).date().isoformat() if number >= SECONDS else ""
    except (ValueError, OverflowError, OSError):
        return ""


def expiry(last: str) -> str:
    """When what was last seen then is too old."""
    try:
        return (datetime.fromisoformat(last).date() + KEPT).isoformat() if last else ""
    except OverflowError:
        return ""
