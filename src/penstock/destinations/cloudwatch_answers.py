"""What the answers of CloudWatch Logs mean.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from penstock.destinations.answers import describe, json_object, judge_status, retry_after
from penstock.destinations.aws import AwsSigning
from penstock.destinations.aws_answers import AwsError, judge_identity, reason_of
from penstock.destinations.base import Blocked, Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.exchange import Answer, Failure, Response

NOT_FOUND: Final = "ResourceNotFoundException"
EXISTS: Final = "ResourceAlreadyExistsException"

_OVERLOADED: Final = frozenset(
    {
        "BandwidthLimitExceeded", "LimitExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException",
    }
)  # fmt: skip
_LATER: Final = frozenset(
    {
        "InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "InvalidSequenceTokenException",
        "OperationAbortedException", "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)  # fmt: skip
_LARGE: Final = frozenset({"RequestEntityTooLarge", "RequestEntityTooLargeException", "RequestTooLarge"})
_BY_EVENT: Final = frozenset(
    {"InvalidParameter", "InvalidParameterException", "InvalidParameterValue", "SerializationException", "ValidationError",
     "ValidationException"}
)  # fmt: skip
_WHOLE: Final = "upload too large"
"""How an `InvalidParameterException` begins that is about the size of the request."""

TOO_NEW: Final = "too new: more than 2 hours ahead of the service's clock"
TOO_OLD: Final = "too old: more than 14 days"
EXPIRED: Final = "expired: older than the retention of its log group"


def judge(answer: Answer, signing: AwsSigning, count: int, owners: Callable[[], Sequence[int]]) -> Verdict:
    """The verdict on a batch of `count` events; `owners` tells for each log event which event it is of.

    Refused parameters are taken for an event's fault; what is missing is the caller's to make.
    """
    if isinstance(answer, Response) and 200 <= answer.status < 300:
        return _taken(answer, owners)
    verdict = judge_error(answer, signing)
    if isinstance(verdict, Delivered):
        return Delivered(notes=dict.fromkeys(range(count), "duplicate"))
    return verdict


def judge_error(answer: Answer, signing: AwsSigning) -> Verdict:
    """The verdict where the service has not answered yes, whatever it was asked for."""
    identity = judge_identity(signing, answer)
    if identity is not None:
        return identity
    if isinstance(answer, Failure):
        return Retry(describe(answer))
    error = AwsError.of(answer)
    reason = reason_of(answer, error)
    return _by_code(error, answer, reason) or _by_status(error, answer, reason)


def _by_code(error: AwsError, answer: Response, reason: str) -> Verdict | None:
    """What the service's name for it means; none where that is not known."""
    if error.code in _OVERLOADED:
        return Retry(reason, retry_after(answer), overload=True)
    if error.code in _LATER:
        return Retry(reason, retry_after(answer))
    if error.code == "DataAlreadyAcceptedException":
        return Delivered()
    if error.code in _LARGE or (error.code in _BY_EVENT and error.message.lower().startswith(_WHOLE)):
        return TooLarge(reason)
    return Refused(reason) if error.code in _BY_EVENT else None


def _by_status(error: AwsError, answer: Response, reason: str) -> Verdict:
    if answer.status == 400 and not error.code:
        return Refused(reason)
    # Whatever else it is about, it is not the events: they are held, and somebody has to look.
    return judge_status(answer, reason) or Blocked(reason)


def _taken(answer: Response, owners: Callable[[], Sequence[int]]) -> Verdict:
    told = json_object(answer.body)
    if told is None:
        return Retry(f"{describe(answer)} (that is no answer of CloudWatch Logs)")
    info = told.get("rejectedLogEventsInfo")
    if info is None:
        return Delivered()
    refused, sense = _rejected(info, owners)
    warning = "" if sense else f"what it has rejected cannot be told: {describe(answer)}"
    return Partial((), refused, warning) if refused else Delivered(warning=warning)


def _rejected(info: Any, owners: Callable[[], Sequence[int]]) -> tuple[dict[int, str], bool]:
    """By index why events were rejected, and whether all that was told makes sense.

    An event of which one log event was rejected counts as rejected, though others of it may be there.
    """
    if not isinstance(info, dict):
        return {}, False
    ranges: list[tuple[int | None, int | None, str]] = []
    sense = True
    for key, reason in (
        ("expiredLogEventEndIndex", EXPIRED),
        ("tooOldLogEventEndIndex", TOO_OLD),
        ("tooNewLogEventStartIndex", TOO_NEW),
    ):
        index = info.get(key)
        if index is None:
            continue
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            sense = False
        elif key == "tooNewLogEventStartIndex":
            ranges.append((index, None, reason))
        else:
            ranges.append((None, index, reason))
    if not ranges:
        return {}, sense
    of = owners()
    return {of[at]: reason for first, end, reason in ranges for at in range(len(of))[first:end]}, sense
