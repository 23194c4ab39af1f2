"""Sends to Datadog's log intake, version 2.

https://docs.datadoghq.com/api/latest/logs/send-logs/
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, model_validator

from penstock.block import Batch
from penstock.columns import Columns
from penstock.destinations.base import BatchSize, DestinationSettings, Limits, Unfit, Verdict
from penstock.destinations.datadog_access import Base, DatadogAuth, Site, intake
from penstock.destinations.datadog_answers import judge
from penstock.destinations.datadog_attributes import STATUS, TAGS, Attribute, Tags, member
from penstock.destinations.datadog_glance import Glance
from penstock.destinations.datadog_items import LONGEST, Items
from penstock.destinations.datadog_levels import LONGEST as LONGEST_STATUS
from penstock.destinations.datadog_levels import misread
from penstock.destinations.datadog_times import FIELD, Times, Timing
from penstock.destinations.event_ids import id_overhead
from penstock.destinations.event_time import event_times
from penstock.destinations.template import TemplateText
from penstock.exchange import Answer, Compression, ForAll, Note, Request
from penstock.fields import FieldName
from penstock.transport import HttpTransport, Transport

MOST_EVENTS: Final = 1000
MOST_BYTES: Final = 5 * 10**6
"""Of a request, before compression."""
ORIGINAL: Final = "original_timestamp"

_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}


def _one_tag(text: str) -> str:
    if "," in text or not text.strip():
        raise ValueError("is not one tag: write each for itself, such as env:prod")
    return text


Tag = Annotated[TemplateText, AfterValidator(_one_tag)]


class DatadogSettings(DestinationSettings, HttpTransport):
    """Sends to Datadog's log intake. Its limits are kept, and what it would drop or cut without a word is counted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "datadog", "site": "datadoghq.eu", "auth": {"api_key": "hunter2"}},
                {
                    "type": "datadog",
                    "url": "https://logs.example.com",
                    "auth": {"api_key": "hunter2"},
                    "ddsource": "nginx",
                    "service": "{app|shop}",
                    "hostname": "web-1",
                    "ddtags": ["env:prod", "pod:{kubernetes.pod}"],
                    "id_field": "event_id",
                    "too_old": "restamp",
                    "compression": "zstd",
                },
                {
                    "type": "datadog",
                    "auth": {"api_key": "hunter2"},
                    "time_field": "",
                    "level_field": "",
                    "too_long": "dead_letter",
                    "compression": "none",
                },
            ]
        }
    )
    default_batch: ClassVar[BatchSize] = BatchSize(events=MOST_EVENTS, bytes=MOST_BYTES, age=1.0)

    type: Literal["datadog"]
    site: Site | None = None
    """Of the organisation: `datadoghq.com`, which it is where nothing is said, `us3.datadoghq.com`, `us5.datadoghq.com`,
    `datadoghq.eu`, `ap1.datadoghq.com`, `ap2.datadoghq.com`, `uk1.datadoghq.com`, `ddog-gov.com`, `us2.ddog-gov.com`."""
    url: Base | None = None
    """Another base than the site's own: of a proxy, of what plays the service."""
    auth: DatadogAuth
    """`{api_key: …}`, not an application key."""
    ddsource: TemplateText = ""
    """The integration that parses the event: `nginx`. For events without `ddsource`; `{field}` stands for a field of the
    event, `{field|text}` says what stands where it has none."""
    service: TemplateText = ""
    """For events without `service`."""
    hostname: TemplateText = ""
    """For events without `hostname` or `host`."""
    status: TemplateText = ""
    """For events without `status`, `level` or `severity`: `info`, say."""
    message: TemplateText = ""
    """For events without `message`: `{text}`, say. `msg` and `log` the service finds by itself."""
    ddtags: tuple[Tag, ...] = ()
    """`env:prod` and so on, one by one; a tag with a field that the event lacks is left out. Those in the event's own
    `ddtags` come behind."""
    level_field: FieldName = "level"
    """The service reads the beginnings of words, so that `SEVERE` is a success to it, and `FINE` an emergency. Such words
    here, and the numbers of bunyan and pino, are said again in `status`. With "" they are not looked at."""
    time_field: FieldName = "timestamp"
    """Where an event says when it happened. The service takes it from `timestamp`, `date` and some others, as ISO 8601 or
    in milliseconds: it is written anew where it stands elsewhere or in another way, and where there is none the time of
    arrival is. With "" it is not looked at, and no age is known."""
    too_old: Literal["count", "restamp", "dead_letter"] = "count"
    """What becomes of events older than 18 hours, or more than 2 ahead, which the service leaves out without a word.
    `count`: they are sent and counted. `restamp`: they get the time of sending, what they said is in `original_timestamp`.
    `dead_letter`: they become dead letters."""
    too_long: Literal["cut", "dead_letter"] = "cut"
    """What becomes of an event over 1 MB, which the service would cut. `cut`: the end of its message is cut off, with a
    mark, and counted. `dead_letter`: it becomes a dead letter."""
    id_field: FieldName = ""
    """Put the event's id into it, under this name: a retry may repeat an event, and this is how to tell. An event that has
    such a field keeps its own."""
    compression: Compression = "gzip"
    """Of what is sent."""

    @model_validator(mode="after")
    def _whereto(self) -> Self:
        if self.site is not None and self.url is not None:
            raise ValueError("says twice where to send to: keep `site` or `url`")
        return self

    def build(self, name: str) -> "Datadog":
        """The destination; it needs no name."""
        del name
        return Datadog(self)


class Datadog:
    """The log intake of one site.

    It has no probe: what Datadog's own agent asks with, an empty object, is an event to others that take its requests.
    """

    def __init__(self, settings: DatadogSettings) -> None:
        self._settings = settings
        self._url = intake(settings.site, settings.url)
        self._headers = {**_HEADERS, **settings.auth.headers()}
        self._times = Times(settings.time_field) if settings.time_field else None
        texts = {"ddsource": settings.ddsource, "service": settings.service, "hostname": settings.hostname, STATUS: settings.status, "message": settings.message}  # fmt: skip
        self._attributes = [Attribute(name, text) for name, text in texts.items() if text]
        self._tags = Tags(settings.ddtags)
        self._dated = self._tags.dated or any(attribute.template.dated for attribute in self._attributes)
        self._columns = Columns(self._wanted())
        self._statuses = Columns([STATUS])
        plain = settings.time_field and not settings.ddtags and not self._attributes
        self._glance = Glance(settings.time_field, settings.level_field) if plain else None
        self.transport: Transport = settings
        self.secrets = settings.auth.secrets()
        self.limits = self._limits()

    def encode(self, batch: Batch) -> Request | Unfit:
        settings = self._settings
        items = Items(batch, settings.id_field)
        notes: Mapping[int, Note] = {}
        times = self._glance.times(batch) if self._glance else None
        values: dict[str, list[Any]] = {}
        if times is None:
            values = dict(zip(self._columns.paths, self._columns.read(batch), strict=True))
            times = values.get(settings.time_field)
        if self._times and times is not None and (timing := self._times.of(batch, times)):
            if timing.untimely and settings.too_old == "dead_letter":
                return Unfit(timing.untimely)
            notes = self._timed(items, batch, timing)
        if values:
            self._fill(items, batch, values)
        if too_long := items.too_long():
            refused = {
                index: f"it has {length} bytes, more than {LONGEST}"
                for index, length in too_long.items()
                if settings.too_long == "dead_letter" or not items.cut(index)
            }
            if refused:
                return Unfit(refused)
            cut: dict[int, Note] = dict.fromkeys(too_long, "cut")
            notes = cut | dict(notes)
        return Request(
            method="POST",
            url=self._url,
            headers=self._headers,
            body=items.body(),
            compression=settings.compression,
            notes=notes,
        )

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        del batch  # the answer is about the whole of it
        return judge(answer)

    def _timed(self, items: Items, batch: Batch, timing: Timing) -> Mapping[int, Note]:
        """Writes times anew."""
        restamping = self._settings.too_old == "restamp"
        said = dict(timing.said)
        if restamping:
            said |= dict.fromkeys(timing.untimely, round(batch.cut_at * 1000))
        more: dict[int, bytes] = {}
        for index, milliseconds in said.items():
            old = items.take_out(index, FIELD)
            displaced = self._settings.time_field != FIELD or (restamping and index in timing.untimely)
            if displaced and old not in (b"", b"null"):
                items.take_out(index, ORIGINAL)
                more[index] = b',"%b":%b' % (ORIGINAL.encode(), old)
            more[index] = more.get(index, b"") + b',"%b":%d' % (FIELD.encode(), milliseconds)
        items.put_some(more)
        note: Note = "restamped" if restamping else "late"
        if len(timing.untimely) == batch.count:
            return ForAll(batch.count, note)
        return dict.fromkeys(timing.untimely, note)

    def _fill(self, items: Items, batch: Batch, values: dict[str, list[Any]]) -> None:
        """Gives events what they lack."""
        settings = self._settings
        if settings.level_field and (meant := misread(values[settings.level_field])):
            values[STATUS] = self._reworded(items, batch, values, meant)
        times: Sequence[float] = ()
        if self._dated:
            times = event_times(batch, values.get(settings.time_field))
        for attribute in self._attributes:
            items.put(attribute.more(batch, values, times))
        more, instead = self._tags.more(batch, values, times)
        for index in instead:
            items.take_out(index, TAGS)
        items.put(more)

    def _reworded(
        self, items: Items, batch: Batch, values: Mapping[str, list[Any]], meant: Mapping[int, str]
    ) -> list[Any]:
        """Says in the service's words what it would misread, and returns what `status` then is."""
        (statuses,) = (values[STATUS],) if STATUS in values else self._statuses.read(batch)
        own = self._settings.level_field == STATUS
        words = {index: word for index, word in meant.items() if own or statuses[index] is None}
        if own:
            for index in words:
                items.take_out(index, STATUS)
        items.put_some({index: member(STATUS, word) for index, word in words.items()})
        return [words.get(index, status) for index, status in enumerate(statuses)]

    def _wanted(self) -> list[str]:
        settings = self._settings
        paths = [path for attribute in self._attributes for path in attribute.paths]
        paths += [settings.time_field, settings.level_field]
        if any(paths) or settings.ddtags:
            paths += self._tags.paths
        return [path for path in dict.fromkeys(paths) if path]

    def _limits(self) -> Limits:
        settings = self._settings
        more = id_overhead(settings.id_field) + self._tags.longest
        more += sum([attribute.longest for attribute in self._attributes])
        if settings.level_field:
            more += LONGEST_STATUS + len('"status":"",')
        if settings.time_field:
            more += len('"timestamp":253402300800000,') + len(ORIGINAL) - len(FIELD)
        fixed = self._tags.fixed and all(
            attribute.template.fixed is not None for attribute in self._attributes
        )
        return Limits(
            events=MOST_EVENTS, bytes=MOST_BYTES, batch_overhead=1, event_overhead=more, estimated=not fixed
        )
