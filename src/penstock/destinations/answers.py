"""Reading answers: what all HTTP services have in common."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from penstock.exchange import Answer, Failure, Response

EXCERPT: Final = 200
"""Characters of an answer's body that go into a reason."""
LONGEST: Final = 366 * 86400.0
"""Seconds: no service means to be asked again later than that."""


def retry_after(response: Response) -> float | None:
    """Seconds to wait, from `Retry-After` (RFC 9110, 10.2.3): a number of seconds, or a date.

    A date is read against the answer's own `Date`, so that a difference between the clocks does no harm; where
    it has none, against the time at which it came. None where there is no such header or it makes no sense.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST)
    then = epoch_of(text)
    now = epoch_of(response.headers.get("date", "")) or response.received
    return min(max(0.0, then - now), LONGEST) if then and now else None


def describe(answer: Answer) -> str:
    """The answer in one line, for people."""
    if isinstance(answer, Failure):
        return f"{answer.kind}: {answer.detail}"
    text = " ".join(answer.body[: 4 * EXCERPT].decode(errors="replace").split())
    # What a service sends may end up on somebody's terminal, so it must not steer it.
    excerpt = "".join([character if character.isprintable() else "�" for character in text])
    if len(excerpt) > EXCERPT:
        excerpt = excerpt[:EXCERPT] + "…"
    return f"HTTP {answer.status}: {excerpt}" if excerpt else f"HTTP {answer.status}"


def epoch_of(date: str) -> float:
    """A header's date (RFC 9110, 5.6.7) in seconds since the epoch; 0 where it is none."""
    try:
        then = parsedate_to_datetime(date)
        # One of the three forms of a date has no zone; it is in UTC all the same (RFC 9110, 5.6.7).
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
