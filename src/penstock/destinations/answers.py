"""Reading answers: what all HTTP services have in common."""

from email.utils import parsedate_to_datetime
from typing import Final

from penstock.exchange import Answer, Failure, Response

EXCERPT: Final = 200
"""Characters of an answer's body that go into a reason."""


def retry_after(response: Response) -> float | None:
    """Seconds to wait, from `Retry-After` (RFC 9110, 10.2.3): a number of seconds, or a date.

    A date is read against the answer's own `Date`, so that a difference between the clocks does no harm; where
    it has none, against the time at which it came. None where there is no such header or it makes no sense.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    then = _epoch(text)
    now = _epoch(response.headers.get("date", "")) or response.received
    return max(0.0, then - now) if then and now else None


def describe(answer: Answer) -> str:
    """The answer in one line, for people."""
    if isinstance(answer, Failure):
        return f"{answer.kind}: {answer.detail}"
    excerpt = " ".join(answer.body[: 4 * EXCERPT].decode(errors="replace").split())
    if len(excerpt) > EXCERPT:
        excerpt = excerpt[:EXCERPT] + "…"
    return f"HTTP {answer.status}: {excerpt}" if excerpt else f"HTTP {answer.status}"


def _epoch(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
