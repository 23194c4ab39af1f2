"""Plays Amazon CloudWatch Logs: signatures, groups, streams, and all limits of PutLogEvents.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
"""

from collections.abc import Mapping
from email.utils import formatdate
from itertools import count
from typing import Any, Final, Literal

import msgspec
import orjson
from pydantic import ConfigDict, SecretStr

from penstock.fields import Secret, Size
from penstock.sandbox.aws_signature import Door
from penstock.sandbox.cloudwatch_groups import ACCOUNT, Groups, LogEvent
from penstock.sandbox.cloudwatch_manage import Management, named, place
from penstock.sandbox.cloudwatch_put import Bounds, Complaint, Given, bounds, given
from penstock.sandbox.received import ID_FIELD
from penstock.sandbox.service import Accepted, Answered, Asked, ServiceSettings, Spoil, sound

TARGET: Final = "Logs_20140328."
_WORDS: Final = {
    401: (400, "UnrecognizedClientException", "The security token included in the request is invalid."),
    403: (400, "AccessDeniedException", "User is not authorized to perform this action"),
    413: (413, "RequestEntityTooLargeException", "Request size exceeded"),
    429: (400, "ThrottlingException", "Rate exceeded"),
    503: (503, "ServiceUnavailableException", "The service cannot complete the request."),
}


class PlayedCloudWatchSettings(ServiceSettings):
    """Plays Amazon CloudWatch Logs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "cloudwatch"},
                {"type": "cloudwatch", "signatures": False, "max_event": "256KiB"},
            ]
        }
    )

    type: Literal["cloudwatch"]
    region: str = "us-east-1"
    """For which requests must be signed."""
    access_key_id: str = "AKIASANDBOXSANDBOX00"
    secret_access_key: Secret = SecretStr("sandbox")
    session_tokens: tuple[Secret, ...] = ()
    """With any, each request must have one of them."""
    expired_tokens: tuple[Secret, ...] = ()
    """Answered with `ExpiredTokenException`."""
    signatures: bool = True
    """Check them. Off, anybody is let in."""
    denied: tuple[str, ...] = ()
    """Operations that the key has no right to: `CreateLogGroup`."""
    max_event: Size = 2**20
    """Bytes of a log event, with the 26 that the service adds: 256KiB before 2025."""

    def build(self) -> "PlayedCloudWatch":
        return PlayedCloudWatch(self)

    def destination(self, url: str) -> dict[str, Any]:
        auth = {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key.get_secret_value(),
        }
        if self.session_tokens:
            auth["session_token"] = self.session_tokens[0].get_secret_value()
        return {
            "type": "cloudwatch",
            "region": self.region,
            "endpoint": url,
            "group": "/penstock/sandbox",
            "stream": "{host|sandbox}",
            "auth": auth,
            "id_field": ID_FIELD,
        }


class PlayedCloudWatch:
    """One account, in one region."""

    def __init__(self, settings: PlayedCloudWatchSettings) -> None:
        self._settings = settings
        self._door = Door(
            keys={settings.access_key_id: settings.secret_access_key.get_secret_value()},
            region=settings.region,
            service="logs",
            tokens=[token.get_secret_value() for token in settings.session_tokens],
            expired_tokens=[token.get_secret_value() for token in settings.expired_tokens],
        )
        self.groups = Groups()
        """What is there."""
        self._management = Management(self.groups, settings.region)
        self._numbers = count(1)

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        """`spoil` is heeded for the first events, up to one that is sound, and for the last ones.

        The service itself can leave out only the oldest and the newest of a request.
        """
        try:
            return self._answer(asked, spoil)
        except Complaint as exc:
            return self._said(400, {"__type": exc.code, "message": exc.message}, asked.received)

    def words(self, status: int) -> Answered:
        status, code, message = _WORDS.get(status, (status, "InternalFailure", "An internal error occurred."))
        return self._said(status, {"__type": code, "message": message})

    def _answer(self, asked: Asked, spoil: Spoil) -> Answered:
        denied = self._door.deny(asked) if self._settings.signatures else None
        if denied is not None:
            raise Complaint(denied.code, denied.message)
        target = asked.headers.get("x-amz-target", "")
        operation = target.removeprefix(TARGET)
        if asked.method != "POST" or operation == target:
            raise Complaint("UnknownOperationException", "")
        if operation in self._settings.denied:
            raise Complaint(
                "AccessDeniedException",
                f"User: arn:aws:iam::{ACCOUNT}:user/sandbox is not authorized to perform: logs:{operation} "
                f"because no identity-based policy allows the logs:{operation} action",
            )
        parameters = _parameters(asked.body)
        now = int(asked.received * 1000)
        if operation == "PutLogEvents":
            return self._put(parameters, asked.received, spoil)
        return self._said(200, self._management.do(operation, parameters, now), asked.received)

    def _put(self, parameters: Mapping[str, Any], received: float, spoil: Spoil) -> Answered:
        group_name, stream_name = place(parameters)
        events = given(parameters.get("logEvents"), self._settings.max_event)
        group = named(self.groups, group_name)
        stream = group.streams.get(stream_name)
        if stream is None:
            raise Complaint("ResourceNotFoundException", "The specified log stream does not exist.")
        now = int(received * 1000)
        kept = _spoiled(bounds([event.timestamp for event in events], now, group.retention), spoil)
        taken = events[kept.first : kept.end]
        self.groups.take(
            stream,
            [LogEvent(event.timestamp, event.message, now) for event in taken],
            [event.size for event in taken],
        )
        answer: dict[str, Any] = {"nextSequenceToken": f"{next(self._numbers):056d}"}
        if kept.told:
            answer["rejectedLogEventsInfo"] = dict(kept.told)
        accepted = [_accepted(group_name, stream_name, event) for event in taken]
        return self._said(200, answer, received, accepted=accepted, refused=len(events) - len(taken))

    def _said(
        self,
        status: int,
        value: Mapping[str, Any] | None,
        received: float | None = None,
        *,
        accepted: list[Accepted] | None = None,
        refused: int = 0,
    ) -> Answered:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-RequestId": f"00000000-0000-0000-0000-{next(self._numbers):012x}",
        }
        if received is not None:
            headers["Date"] = formatdate(received, usegmt=True)
        body = b"" if value is None else orjson.dumps(value)
        return Answered(status, body, headers, accepted or (), refused)


def _parameters(body: bytes) -> Mapping[str, Any]:
    try:
        parameters = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        parameters = None
    if not isinstance(parameters, dict):
        raise Complaint("SerializationException", "")
    return parameters


def _spoiled(kept: Bounds, spoil: Spoil) -> Bounds:
    first, end = kept.first, kept.end
    while first < end and spoil(first):
        first += 1
    while end > first and spoil(end - 1):
        end -= 1
    told = dict(kept.told)
    if first > kept.first:
        told["tooOldLogEventEndIndex"] = first
    if end < kept.end:
        told["tooNewLogEventStartIndex"] = end
    return Bounds(first, end, told)


def _accepted(group: str, stream: str, event: Given) -> Accepted:
    shown = {
        "logGroupName": group,
        "logStreamName": stream,
        "timestamp": event.timestamp,
        "message": event.message,
    }
    return Accepted("", orjson.dumps(shown))
