"""Making the log stream that a batch needs, and its log group.

    CreateLogStream ── is there ─────────────────────────────────────────────► the batch again
          └─ there is no group: CreateLogGroup ── PutRetentionPolicy ── CreateLogStream

Somebody else may make the same at the same time: that it exists already is as good as having made it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from penstock.destinations.aws import AwsSigning
from penstock.destinations.aws_answers import AwsError, reason_of
from penstock.destinations.base import Blocked, Delivered, Prepare, Refused, Retry, TooLarge, Verdict
from penstock.destinations.cloudwatch_answers import EXISTS, NOT_FOUND, judge_error
from penstock.destinations.cloudwatch_names import Place
from penstock.exchange import Answer, Request, Response

RETENTIONS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days for which a log group can keep its events (PutRetentionPolicy)."""

Ask = Callable[[str, Mapping[str, Any]], Request]
"""The request for an operation with these parameters."""


class Creation:
    """What is asked for, one after the other."""

    def __init__(
        self, ask: Ask, signing: AwsSigning, *, retention: int | None, tags: Mapping[str, str], kms_key: str
    ) -> None:
        """`retention` is in days; none: for ever."""
        self._ask = ask
        self._signing = signing
        self._retention = retention
        self._of_group: dict[str, Any] = {}
        if tags:
            self._of_group["tags"] = dict(tags)
        if kms_key:
            self._of_group["kmsKeyId"] = kms_key

    def stream(self, place: Place, reason: str) -> Prepare:
        """Makes the stream, and what it lacks."""

        def then(answer: Answer) -> Verdict:
            if _missing(answer):
                return self._group(place, reason)
            return self._judge(answer, f"the log stream {place.stream}")

        return Prepare(self._create_stream(place), then, reason)

    def _group(self, place: Place, reason: str) -> Prepare:
        def then(answer: Answer) -> Verdict:
            verdict = self._judge(answer, f"the log group {place.group}")
            if not isinstance(verdict, Delivered):
                return verdict
            if self._retention is None or not _yes(answer):  # whoever has made it says how long it keeps
                return self._last(place, reason)
            return self._keep(place, self._retention, reason)

        request = self._ask("CreateLogGroup", {"logGroupName": place.group, **self._of_group})
        return Prepare(request, then, reason)

    def _keep(self, place: Place, days: int, reason: str) -> Prepare:
        def then(answer: Answer) -> Verdict:
            verdict = self._judge(answer, f"the retention of the log group {place.group}, which is there now")
            return self._last(place, reason) if isinstance(verdict, Delivered) else verdict

        request = self._ask("PutRetentionPolicy", {"logGroupName": place.group, "retentionInDays": days})
        return Prepare(request, then, reason)

    def _last(self, place: Place, reason: str) -> Prepare:
        def then(answer: Answer) -> Verdict:
            if _missing(answer):
                return Retry(f"the log group {place.group} was made, and is not there yet")
            return self._judge(answer, f"the log stream {place.stream}")

        return Prepare(self._create_stream(place), then, reason)

    def _create_stream(self, place: Place) -> Request:
        return self._ask("CreateLogStream", {"logGroupName": place.group, "logStreamName": place.stream})

    def _judge(self, answer: Answer, what: str) -> Verdict:
        """`Delivered` where it is there; what the service has against making it is no event's fault."""
        code = AwsError.of(answer).code if isinstance(answer, Response) else ""
        if _yes(answer) or code == EXISTS:
            return Delivered()
        verdict = judge_error(answer, self._signing)
        if (
            isinstance(verdict, Retry) and code != "LimitExceededException"
        ):  # there may be no more of its kind
            return verdict
        reason = (
            verdict.reason
            if isinstance(verdict, Blocked | Refused | Retry | TooLarge)
            else "it did not say why"
        )
        return Blocked(f"cannot make {what}: {reason}")


def missing(answer: Answer) -> str:
    """The reason, where the answer says that the group or the stream is not there; else empty."""
    return reason_of(answer, AwsError.of(answer)) if isinstance(answer, Response) and _missing(answer) else ""


def _yes(answer: Answer) -> bool:
    return isinstance(answer, Response) and 200 <= answer.status < 300


def _missing(answer: Answer) -> bool:
    return isinstance(answer, Response) and not _yes(answer) and AwsError.of(answer).code == NOT_FOUND
