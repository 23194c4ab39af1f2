"""What the answers of the intake mean.

https://docs.datadoghq.com/api/latest/logs/send-logs/
"""

from typing import Any, Final

import msgspec

from penstock.destinations.answers import describe, retry_after
from penstock.destinations.base import Blocked, Delivered, Refused, Retry, TooLarge, Verdict
from penstock.exchange import Answer, Failure, Response

ACCEPTED: Final = 202
_LATER: Final = frozenset({408, 425, 429})
_OVERLOADED: Final = frozenset({429, 503})
_BY_EVENT: Final = frozenset({400, 422})


def judge(answer: Answer) -> Verdict:
    """The verdict on any batch: an answer is always about the whole of it."""
    if isinstance(answer, Failure):
        return Retry(describe(answer))
    status = answer.status
    if 200 <= status < 300:
        return _judge_yes(answer)
    reason = describe(answer)
    if status == 413:
        return TooLarge(reason)
    if status in _LATER or not 300 <= status < 500:
        return Retry(reason, retry_after(answer), overload=status in _OVERLOADED)
    if status in _BY_EVENT:
        return Refused(reason)
    # A wrong key, site or path, or a proxy that redirects: the events are fine, and somebody has to look.
    return Blocked(reason)


def _judge_yes(answer: Response) -> Verdict:
    """202 is the intake's own yes. What stands in its place, and the first version, say 200, with an object or nothing."""
    told = _object(answer.body)
    errors = told.get("errors") if told else None
    if answer.status == ACCEPTED:
        return Delivered(warning=describe(answer) if errors else "")
    if errors or (told is None and answer.body.strip()):
        return Retry(f"{describe(answer)} (that is no answer of Datadog)")
    return Delivered()


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
