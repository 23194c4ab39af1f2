"""What the answers of Splunk's HTTP Event Collector mean, to the last event.

https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector has the codes. Where an answer
has one it counts, and the HTTP status where it has none: proxies answer too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from penstock.destinations.answers import EXCERPT, describe, is_for_later, judge_status, one_line, retry_after
from penstock.destinations.base import Blocked, Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.exchange import Answer, Failure, Response

SHUT: Final = frozenset({1, 2, 3, 4, 10, 11, 16, 21, 22})
"""The token or the channel: it is not the events."""
NO_DATA: Final = 5
BY_EVENT: Final = frozenset({6, 12, 13, 15})
"""One event is to blame: those before it are indexed, those behind it were not looked at."""
WRONG_INDEX: Final = 7
LATER: Final = frozenset({8, 9, 18, 19, 20, 23, 26, 27})
OVERLOADED: Final = LATER - {8, 23}
ACKS_OFF: Final = 14
NEARLY_FULL: Final = frozenset({24, 25})
"""Taken; the queue or the acknowledgements are near what there can be."""

Indices = Callable[[], Sequence[str | None] | None]
"""Which index each event of the batch goes to; none where the configuration names one for all, or the token does."""


class _Answer(msgspec.Struct):
    code: Any = None
    text: Any = ""
    number: Any = msgspec.field(default=None, name="invalid-event-number")
    ack: Any = msgspec.field(default=None, name="ackId")


_answer: Final = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, as far as it can be read."""

    code: int | None = None
    text: str = ""
    number: int | None = None
    """Which event is to blame, counted from 0."""
    ack: int | None = None
    foreign: bool = False
    """It is no object in JSON: somebody else has answered."""


def read(answer: Answer) -> Said:
    """What Splunk says, and nothing where it is not Splunk that speaks."""
    body = answer.body if isinstance(answer, Response) else b""
    try:
        told = _answer.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Said(foreign=bool(body))
    text = one_line(told.text[: 4 * EXCERPT])[:EXCERPT] if isinstance(told.text, str) else ""
    return Said(_whole(told.code), text, _whole(told.number), _whole(told.ack))


def judge(answer: Answer, said: Said, count: int, indices: Indices) -> Verdict:  # noqa: PLR0911 - a case for each kind of code, in one place
    """The verdict on a batch of `count` events; `said` is what can be read of the answer."""
    reason = describe(answer)
    if isinstance(answer, Failure):
        return Retry(reason)
    if answer.status == 413:
        return TooLarge(reason)
    code = said.code
    if code in SHUT or (code == ACKS_OFF and answer.status >= 300):
        return Blocked(reason)
    if code in LATER:
        return Retry(reason, retry_after(answer), overload=code in OVERLOADED)
    if code in BY_EVENT:
        return _at_event(said, count)
    if code == WRONG_INDEX:
        return _at_index(said, reason, indices(), count)
    if code == NO_DATA:
        return Refused(reason, "the request")
    return _by_status(answer, said, reason)


def _by_status(answer: Response, said: Said, reason: str) -> Verdict:
    status = answer.status
    if 200 <= status < 300:
        # Some that play Splunk say nothing beside the status. But the page of a proxy is no yes, whatever its status.
        if answer.truncated or said.foreign:
            return Retry(f"not an answer of Splunk: {reason}")
        return Delivered(slow_down=said.code in NEARLY_FULL)
    if status == 400:
        return Refused(reason)
    # Whatever else it is about (the token, the URL, a proxy on the way), it is not the events.
    return judge_status(answer, reason) or Blocked(reason)


def _at_event(said: Said, count: int) -> Verdict:
    number, why = said.number, _why(said)
    if number is None or not 0 <= number < count:
        return Refused(why)
    return Partial([], {number: why}, again=range(number + 1, count))


def _at_index(said: Said, reason: str, indices: Sequence[str | None] | None, count: int) -> Verdict:
    """The number of an event with a wrong index is one too high at Splunk, though not where others play it."""
    number, why = said.number, _why(said)
    if indices is None and (number is None or number <= 1):
        return Blocked(f"the token may not write to this index: {reason}")  # as it is that of all events
    if number is None and indices and len(set(indices)) == 1:
        return Partial([], dict.fromkeys(range(count), why))
    if number is None or not 0 <= number <= count:
        return Refused(why)
    culprit = _culprit(number, indices, count)
    if culprit is None:
        # Alone it is named without doubt: it goes at once, the others follow.
        return Partial(range(number, count), {}, why, again=[number - 1])
    name = indices[culprit] if indices else None
    refused = [
        culprit,
        *(i for i in range(culprit + 1, count) if name is not None and indices and indices[i] == name),
    ]
    gone = set(refused)
    return Partial(
        [], dict.fromkeys(refused, why), again=[i for i in range(culprit + 1, count) if i not in gone]
    )


def _culprit(number: int, indices: Sequence[str | None] | None, count: int) -> int | None:
    """Which event has the wrong index; none where it may be `number` or the one before it."""
    before = number - 1
    if number == 0 or count == 1:
        return 0
    if number == count:
        return before
    if indices and indices[before] in indices[:before]:
        return number  # the other's index was good a moment ago
    return before if indices and indices[before] == indices[number] else None


def _why(said: Said) -> str:
    return f"{said.text or 'refused'} (code {said.code})"


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def judge_health(answer: Answer) -> Verdict:
    """What the answer to `/services/collector/health` means: `Delivered` where a batch may be sent."""
    if isinstance(answer, Failure):
        return Retry(describe(answer))
    code, reason = read(answer).code, describe(answer)
    if code in SHUT or answer.status in (401, 403, 407):
        return Blocked(reason)
    if code in LATER or is_for_later(answer.status):
        return Retry(reason, retry_after(answer), overload=code in OVERLOADED)
    return Delivered()  # some versions and proxies have no such page: then a batch will tell
