"""Writes to Amazon CloudWatch Logs with PutLogEvents.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, Self

import orjson
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from penstock.block import Batch
from penstock.columns import Columns, as_text
from penstock.destinations.aws import AwsSigning, Region
from penstock.destinations.aws_keyring import AwsAuth
from penstock.destinations.base import BatchSize, Blocked, DestinationSettings, Limits, Split, Unfit, Verdict
from penstock.destinations.cloudwatch_answers import judge
from penstock.destinations.cloudwatch_create import RETENTIONS, Creation, missing
from penstock.destinations.cloudwatch_events import (
    LONGEST_MESSAGE,
    MOST_BYTES,
    MOST_EVENTS,
    OVERHEAD,
    LogEvents,
    TooLong,
    escaped_lines,
    in_order,
    measured,
)
from penstock.destinations.cloudwatch_names import GroupText, Places, StreamText
from penstock.destinations.cloudwatch_times import LeadingMillis, arrivals, millis
from penstock.destinations.event_ids import id_overhead, with_ids
from penstock.exchange import Answer, Request
from penstock.fields import Duration, FieldName, HttpUrl, Size
from penstock.transport import HttpTransport, Transport

_SUFFIXES: Final = {
    "cn-": "amazonaws.com.cn", "eusc-": "amazonaws.eu", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk", "us-isof-": "csp.hci.ic.gov",
}  # fmt: skip
"""Where the names of a partition's services end, by how its regions begin; all others: amazonaws.com."""
_DAY: Final = 86400

Tag = Annotated[str, StringConstraints(min_length=1, max_length=128)]
TagText = Annotated[str, StringConstraints(max_length=256)]


def _retention(seconds: float) -> float:
    if seconds not in {days * _DAY for days in RETENTIONS}:
        known = ", ".join(f"{days}d" for days in RETENTIONS)
        raise ValueError(f"is no time for which the service keeps events: take one of {known}")
    return seconds


class CloudWatchSettings(DestinationSettings, HttpTransport):
    """Writes to Amazon CloudWatch Logs. Log groups and streams that are missing are made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "cloudwatch", "region": "eu-central-1", "group": "/shop/web", "stream": "web-1"},
                {
                    "type": "cloudwatch",
                    "region": "us-east-1",
                    "group": "/shop/{service|other}",
                    "stream": "{host|unknown}-%Y-%m-%d",
                    "retention": "30d",
                    "message_field": "message",
                    "too_long": "split",
                    "max_event": "256KiB",
                    "compression": "gzip",
                    "auth": {
                        "access_key_id": "hunter2-id",
                        "secret_access_key": "hunter2-key",
                        "session_token": "hunter2-token",
                    },
                },
                {
                    "type": "cloudwatch",
                    "region": "cn-north-1",
                    "group": "shop",
                    "stream": "{tenant}",
                    "create": False,
                    "id_field": "event_id",
                    "too_long": "dead_letter",
                    "auth": {"profile": "logs"},
                },
            ]
        }
    )
    default_batch: ClassVar[BatchSize] = BatchSize(events=MOST_EVENTS, bytes=MOST_BYTES, age=1.0)

    type: Literal["cloudwatch"]
    region: Region
    """`eu-central-1`, say."""
    group: GroupText
    """The log group. `{service}` stands for a field of the event, `{service|other}` says what stands where it has none,
    `%Y-%m-%d` for the date of the event in UTC. What the service does not allow in names becomes `_`."""
    stream: StreamText
    """The log stream, in the same way. An event that lacks a field for its names becomes a dead letter."""
    endpoint: HttpUrl | None = None
    """Another URL than the region's own: of a VPC endpoint, of a FIPS endpoint, of what plays the service."""
    auth: AwsAuth = AwsAuth()
    create: bool = True
    """Make groups and streams that are missing, as a stream that is named by host or date cannot be there before. It needs
    the right to: `logs:CreateLogStream`, `logs:CreateLogGroup`."""
    retention: Annotated[Duration, AfterValidator(_retention)] | None = None
    """How long a group that is made keeps its events: `30d`; without it for ever. Needs `logs:PutRetentionPolicy`."""
    tags: Annotated[dict[Tag, TagText], Field(max_length=50)] = Field(default_factory=dict)
    """Tags of a group that is made. Need `logs:TagResource`."""
    kms_key: str = ""
    """The ARN of the key with which a group that is made is encrypted."""
    time_field: FieldName = "timestamp"
    """Where an event says when it happened; where it does not, and with "", the time of arrival counts."""
    message_field: FieldName = ""
    """Send the text of this field instead of the whole event as JSON. An event that has no text there goes whole."""
    id_field: FieldName = ""
    """Put the event's id into it, under this name: a retry may repeat an event, and this is how to tell. An event that has
    such a field keeps its own."""
    max_event: Annotated[Size, Field(ge=1024, le=LONGEST_MESSAGE)] = LONGEST_MESSAGE
    """Bytes of a message; the service takes 1 MiB less 26."""
    too_long: TooLong = "cut"
    """What becomes of a longer one. `cut`: its end is cut off, with a mark, and counted. `split`: it becomes several log
    events, each with the event's id and a number in front; needs a `max_event` of at most 512KiB, as they go into one
    request. `dead_letter`: it becomes a dead letter."""
    compression: Literal["none", "gzip"] = "none"
    """Of what is sent. The service takes gzip, which AWS's own agent sends, though no page says so; what plays the service may not."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.id_field and self.message_field:
            raise ValueError(
                "`id_field` goes into the whole event, and `message_field` sends a part of it: keep one"
            )
        if self.too_long == "split" and self.max_event > MOST_BYTES // 2:
            raise ValueError(
                "`too_long: split` needs a `max_event` of at most 512KiB: the pieces go into one request"
            )
        if not self.create and (self.retention or self.tags or self.kms_key):
            raise ValueError(
                "`retention`, `tags` and `kms_key` are for groups that are made: set `create: true`"
            )
        return self

    @property
    def url(self) -> str:
        """Where to post to."""
        if self.endpoint is not None:
            return self.endpoint
        found = [suffix for begin, suffix in _SUFFIXES.items() if self.region.startswith(begin)]
        return f"https://logs.{self.region}.{found[0] if found else 'amazonaws.com'}/"

    def build(self, name: str) -> "CloudWatch":
        """The destination; it needs no name."""
        del name
        return CloudWatch(self)


@dataclass(frozen=True, slots=True)
class _Look:
    """What has to be known of the events of a batch."""

    columns: Mapping[str, Sequence[Any]]
    """Fields that are needed."""
    times: Sequence[int]
    """In milliseconds."""
    lines: Sequence[bytes] | None
    """The events, escaped, where they go whole and none of them can be too long."""


class CloudWatch:
    """CloudWatch Logs in one region.

    It has no probe: the only question that needs no further right is a batch.
    """

    def __init__(self, settings: CloudWatchSettings) -> None:
        self._settings = settings
        self._signing = AwsSigning(settings.auth, settings.region, "logs")
        self._places = Places(settings.group, settings.stream)
        wanted = [settings.time_field, settings.message_field, *self._places.paths]
        self._columns = Columns([path for path in dict.fromkeys(wanted) if path])
        self._whole = not settings.message_field and not settings.id_field
        bare = self._whole and settings.time_field and not self._places.paths
        self._leading = LeadingMillis(settings.time_field) if bare else None
        self._put = self._headers("PutLogEvents")
        self._signer = self._signing.signer(self._put)
        self._creation = Creation(
            self._ask,
            self._signing,
            retention=int(settings.retention // _DAY) if settings.retention else None,
            tags=settings.tags,
            kms_key=settings.kms_key,
        )
        self.transport: Transport = settings
        self.secrets = self._signing.secrets
        # A line's newline is not sent. What is sent is longer, as messages are escaped; `weight` is what counts.
        self.limits = Limits(
            events=MOST_EVENTS,
            bytes=MOST_BYTES,
            event_overhead=OVERHEAD - 1 + id_overhead(settings.id_field),
            estimated=True,
        )

    def encode(self, batch: Batch) -> Request | Unfit | Split:
        looked = self._look(batch)
        places, lost = self._places.of(batch, looked.columns, looked.times)
        if lost:
            return Unfit(lost)
        if len(places) > 1:
            return Split(list(places.values()))
        events = self._log_events(batch, looked)
        if events.refused:
            return Unfit(events.refused)
        if not events.fits:
            return Split(events.parts())
        return Request(
            method="POST",
            url=self._settings.url,
            headers=self._put,
            body=events.body(*next(iter(places))),
            compression=self._settings.compression,
            sign=self._signer,
            notes=events.notes,
            weight=events.weight,
        )

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        reason = missing(answer)
        if not reason:
            return judge(answer, self._signing, batch.count, lambda: self._owners(batch))
        if not self._settings.create:
            return Blocked(f"{reason} Make the group and the stream, or set `create: true`")
        looked = self._look(batch)
        places, lost = self._places.of(batch, looked.columns, looked.times)
        return Blocked(reason) if lost else self._creation.stream(next(iter(places)), reason)

    def _look(self, batch: Batch) -> "_Look":
        field = self._settings.time_field
        lines = None
        if self._whole and batch.size <= self._settings.max_event:
            lines = escaped_lines(batch.data)
            if self._leading and (times := self._leading.of(lines)):
                return _Look({}, times, lines)
        columns = dict(zip(self._columns.paths, self._columns.read(batch), strict=True))
        return _Look(columns, millis(batch, columns[field]) if field else arrivals(batch), lines)

    def _log_events(self, batch: Batch, looked: "_Look") -> LogEvents:
        settings = self._settings
        columns, times = looked.columns, looked.times
        if looked.lines is not None:
            return in_order(times, batch.data, looked.lines)
        if settings.message_field:
            texts = [as_text(value) for value in columns[settings.message_field]]
            lines = batch.data.decode(errors="replace").split("\n")
            messages = [text or line for text, line in zip(texts, lines, strict=False)]
        elif settings.id_field:
            messages = b"\n".join(with_ids(batch, settings.id_field)).decode(errors="replace").split("\n")
        else:
            messages = batch.data[:-1].decode(errors="replace").split("\n")
        return measured(times, messages, batch, settings.max_event, settings.too_long)

    def _owners(self, batch: Batch) -> Sequence[int]:
        """Of which event each log event was, in the order in which they were sent."""
        return self._log_events(batch, self._look(batch)).owners

    def _headers(self, operation: str) -> dict[str, str]:
        return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Logs_20140328.{operation}"}

    def _ask(self, operation: str, parameters: Mapping[str, Any]) -> Request:
        headers = self._headers(operation)
        return Request(
            method="POST",
            url=self._settings.url,
            headers=headers,
            body=orjson.dumps(parameters),
            sign=self._signing.signer(headers),
        )
