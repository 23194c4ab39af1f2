"""What the answers of the intake mean.

https://docs.datadoghq.com/api/latest/logs/send-logs/
"""

from typing import Final

from penstock.destinations.answers import describe, json_object, judge_status
from penstock.destinations.base import Blocked, Delivered, Refused, Retry, Verdict
from penstock.exchange import Answer, Failure, Response

ACCEPTED: Final = 202
_BY_EVENT: Final = frozenset({400, 422})


def judge(answer: Answer) -> Verdict:
    """The verdict on any batch: an answer is always about the whole of it."""
    if isinstance(answer, Failure):
        return Retry(describe(answer))
    if 200 <= answer.status < 300:
        return _judge_yes(answer)
    reason = describe(answer)
    if answer.status in _BY_EVENT:
        return Refused(reason)
    # Whatever else it is about (the key, the site, a proxy on the way), it is not the events.
    return judge_status(answer, reason) or Blocked(reason)


def _judge_yes(answer: Response) -> Verdict:
    """202 is the intake's own yes. What stands in its place, and the first version, say 200, with an object or nothing."""
    told = json_object(answer.body)
    errors = told.get("errors") if told else None
    if answer.status == ACCEPTED:
        return Delivered(warning=describe(answer) if errors else "")
    if errors or (told is None and answer.body.strip()):
        return Retry(f"{describe(answer)} (that is no answer of Datadog)")
    return Delivered()
