"""Writes to Splunk through its HTTP Event Collector, with indexer acknowledgement by option.

https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector,
https://docs.splunk.com/Documentation/Splunk/latest/RESTREF/RESTinput#services.2Fcollector.
"""

from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from penstock.block import Batch
from penstock.columns import Columns
from penstock.destinations.auth import HeaderSecret
from penstock.destinations.base import BatchSize, DestinationSettings, Limits, Probe, Split, Verdict
from penstock.destinations.base_url import base_url
from penstock.destinations.event_ids import id_overhead, with_ids
from penstock.destinations.event_time import event_times
from penstock.destinations.splunk_acks import CHANNEL, Acks, AckSettings, channel_of
from penstock.destinations.splunk_answers import judge, judge_health, read
from penstock.destinations.splunk_envelopes import Envelopes
from penstock.destinations.splunk_raw import RawQuery
from penstock.destinations.splunk_text import splunk_text
from penstock.destinations.template import Template, TemplateText
from penstock.exchange import Answer, Failure, Request
from penstock.fields import FieldName, HttpUrl, Model, Secret
from penstock.transport import HttpTransport, Transport

_PATH: Final = "/services/collector"


def _bare(token: Secret) -> Secret:
    if " " in token.get_secret_value():
        raise ValueError("holds a space: give the token alone, without the word Splunk before it")
    return token


Base = Annotated[HttpUrl, base_url("https://splunk.example:8088", _PATH)]


class SplunkAuth(Model):
    """The token of the HTTP Event Collector."""

    token: Annotated[HeaderSecret, AfterValidator(_bare)]
    """Sent as `Authorization: Splunk …`."""


class SplunkHecSettings(DestinationSettings, HttpTransport):
    """Writes to Splunk through its HTTP Event Collector."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "splunk_hec", "url": "https://splunk.example:8088", "auth": {"token": "hunter2"}},
                {
                    "type": "splunk_hec",
                    "url": "https://indexer-1.example:8088",
                    "urls": ["https://indexer-2.example:8088"],
                    "rotate": True,
                    "auth": {"token": "hunter2"},
                    "host": "{host}",
                    "source": "app/{service|other}",
                    "sourcetype": "app:json",
                    "index": "logs_{team|main}",
                    "fields": {"level": "{level}", "tags": "{tags}", "environment": "production"},
                    "id_field": "penstock_id",
                    "acks": {"enabled": True},
                    "compression": "gzip",
                },
                {
                    "type": "splunk_hec",
                    "url": "https://splunk.example:8088",
                    "auth": {"token": "hunter2"},
                    "endpoint": "raw",
                    "format": "text",
                    "host": "{host}",
                    "sourcetype": "app:text",
                },
            ]
        }
    )
    default_batch: ClassVar[BatchSize] = BatchSize(events=4000, bytes=10**6, age=1.0)

    type: Literal["splunk_hec"]
    url: Base
    """The collector's base, such as `https://splunk.example:8088`; a path in it is kept."""
    urls: tuple[Base, ...] = ()
    """Further indexers, asked where the first cannot be reached. With `acks`, each must be one indexer and no load
    balancer: only the one that took the events can tell of them."""
    rotate: bool = False
    """Ask all of them in turns."""
    auth: SplunkAuth
    """`{token: …}`, that of the HTTP Event Collector."""
    endpoint: Literal["event", "raw"] = "event"
    """`event`: each event in an envelope that has its time, `host`, `index` and so on. `raw`: lines, which Splunk takes
    apart as it does with files."""
    format: Literal["ndjson", "text"] = "ndjson"
    """Of `endpoint: raw`. `ndjson`: each event as it is. `text`: `<timestamp> level="…" <message> key="value" …`."""
    time_field: FieldName = "timestamp"
    """Where an event says when it happened; where it does not, and with "", the time of arrival counts."""
    host: TemplateText = ""
    """`web-1`, or `{host}` for a field of the event, or `{host|unknown}`, which says what stands where it has none.
    Without that, such events have the default of the token; so with the next three."""
    source: TemplateText = ""
    """What the events come from: `app/{service|other}`, say."""
    sourcetype: TemplateText = ""
    """How Splunk is to read them: `app:json`, say."""
    index: TemplateText = ""
    """The index: `logs_{team|main}`, say. The token must be allowed to write there."""
    event_field: FieldName = ""
    """Send only this field of the event, `message` say, in the place of the whole; events without it go whole."""
    fields: dict[Annotated[FieldName, Field(min_length=1)], TemplateText] = Field(default_factory=dict)
    """Indexed fields, by name: text, or `{field}`, which may also be a list of texts."""
    id_field: FieldName = ""
    """Put the event's id into an indexed field of this name: a retry may repeat an event, and this is how to tell. With
    `endpoint: raw` it is put into the event, and one that has such a field keeps its own."""
    acks: AckSettings = AckSettings()
    compression: Literal["none", "gzip"] = "none"
    """Of what is sent."""

    @model_validator(mode="after")
    def _for_the_endpoint(self) -> Self:
        if self.endpoint == "event" and self.format == "text":
            raise ValueError("`format: text` needs `endpoint: raw`")
        if self.endpoint == "raw" and (self.event_field or self.fields):
            raise ValueError(f"`{'event_field' if self.event_field else 'fields'}` needs `endpoint: event`")
        if self.id_field and self.id_field in self.fields:
            raise ValueError(f"`id_field` is one of `fields`: {self.id_field}")
        return self

    @property
    def metadata(self) -> dict[str, str]:
        """What an envelope or a query says, as templates."""
        said = {"host": self.host, "source": self.source, "sourcetype": self.sourcetype, "index": self.index}
        return {name: text for name, text in said.items() if text}

    def build(self, name: str) -> "SplunkHec":
        """The destination; its name is in the channel of its acknowledgements."""
        return SplunkHec(name, self)


class SplunkHec:
    """An HTTP Event Collector, at one indexer or several."""

    def __init__(self, name: str, settings: SplunkHecSettings) -> None:
        self._name = name
        self._settings = settings
        self._raw = RawQuery(settings.metadata, settings.time_field) if settings.endpoint == "raw" else None
        self._envelopes = Envelopes(
            time_field=settings.time_field,
            metadata=settings.metadata,
            fields=settings.fields,
            event_field=settings.event_field,
            id_field=settings.id_field,
        )
        self._index = Template(settings.index)
        self._bases = (settings.url, *settings.urls)
        token = settings.auth.token.get_secret_value()
        self._headers = {"Authorization": f"Splunk {token}"}
        content_type = "text/plain; charset=utf-8" if settings.format == "text" else "application/json"
        self._sending = {**self._headers, "Content-Type": content_type}
        self._acks = Acks(settings.acks, {**self._headers, "Content-Type": "application/json"})
        self.transport: Transport = settings
        self.secrets = frozenset({token})
        self.limits = Limits(event_overhead=self._envelopes.overhead, estimated=not self._envelopes.exact)
        if self._raw is not None:
            # A line of text has fewer quotes than JSON, and more backslashes.
            self.limits = Limits(
                event_overhead=id_overhead(settings.id_field), estimated=settings.format == "text"
            )

    def encode(self, batch: Batch) -> Request | Split:
        path = f"{_PATH}/event"
        if self._raw is None:
            body = self._envelopes.body(batch)
        else:
            query = self._raw.of(batch)
            if isinstance(query, Split):
                return query
            path = f"{_PATH}/raw{query}"
            body = self._lines(batch)
        headers = {**self._sending, CHANNEL: channel_of(self._name, batch)}
        return self._request("POST", path, headers, body)

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        said = read(answer)
        if self._raw is not None:
            said = replace(said, number=None)  # Splunk cuts raw text by its own rules: it is no index of ours
        verdict = judge(answer, said, batch.count, partial(self._indices, batch))
        url = "" if isinstance(answer, Failure) else answer.url
        base = next((base for base in self._bases if url.startswith(base + _PATH)), self._bases[0])
        return self._acks.settle(
            verdict, said, f"{base}{_PATH}/ack", channel_of(self._name, batch), batch.count
        )

    def probe(self) -> Probe:
        return Probe(self._request("GET", f"{_PATH}/health", self._headers), judge_health)

    def _request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Request:
        url, *nodes = [base + path for base in self._bases]
        return Request(
            method=method,
            url=url,
            headers=headers,
            body=body,
            compression=self._settings.compression if body else "none",
            nodes=tuple(nodes),
            rotate=self._settings.rotate,
        )

    def _lines(self, batch: Batch) -> bytes:
        """The body for `raw`."""
        settings = self._settings
        events = with_ids(batch, settings.id_field) if settings.id_field else None
        if settings.format == "text":
            return splunk_text(batch, settings.time_field, events)
        return batch.data if events is None else b"".join([event + b"\n" for event in events])

    def _indices(self, batch: Batch) -> list[str | None] | None:
        """Which index each event goes to, where events decide on that."""
        if self._index.fixed is not None:
            return None
        time_field = self._settings.time_field
        paths = list(dict.fromkeys([*self._index.paths, *([time_field] if time_field else [])]))
        values = dict(zip(paths, Columns(paths).read(batch), strict=True))
        times = event_times(batch, values.get(time_field))
        return self._index.fill(batch, [values[path] for path in self._index.paths], times)
