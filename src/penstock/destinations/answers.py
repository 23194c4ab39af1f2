"""Reading answers: what all HTTP services have in common."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from penstock.destinations.base import Retry, TooLarge
from penstock.exchange import Answer, Failure, Response

EXCERPT: Final = 200
"""Characters of an answer's body that go into a reason."""
LONGEST: Final = 366 * 86400.0
"""Seconds: no service means to be asked again later than that."""
_LATER: Final = frozenset({408, 425, 429})
_OVERLOADED: Final = frozenset({429, 503})


def is_for_later(status: int) -> bool:
    """The same may be taken another time: the status says so, the server is unwell, or there is no such status."""
    return status in _LATER or not 200 <= status < 500


def judge_status(answer: Response, reason: str) -> Retry | TooLarge | None:
    """The verdict where a status means the same to every service; none for a yes, a redirect, a fault of the request."""
    if answer.status == 413:
        return TooLarge(reason)
    if is_for_later(answer.status):
        return Retry(reason, retry_after(answer), overload=answer.status in _OVERLOADED)
    return None


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
    excerpt = one_line(answer.body[: 4 * EXCERPT].decode(errors="replace"))
    if len(excerpt) > EXCERPT:
        excerpt = excerpt[:EXCERPT] + "…"
    return f"HTTP {answer.status}: {excerpt}" if excerpt else f"HTTP {answer.status}"


def one_line(text: str) -> str:
    """What a service says, without line breaks, and without what could steer the terminal that it ends up on."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join([character if character.isprintable() else "�" for character in line])


def json_object(body: bytes) -> dict[str, Any] | None:
    """The body as an object; none where it is anything else."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def epoch_of(date: str) -> float:
    """A header's date (RFC 9110, 5.6.7) in seconds since the epoch; 0 where it is none."""
    try:
        then = parsedate_to_datetime(date)
        # One of the three forms of a date has no zone; it is in UTC all the same (RFC 9110, 5.6.7).
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0
