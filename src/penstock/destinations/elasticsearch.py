"""Writes to Elasticsearch and OpenSearch with `_bulk`, each event under its own id.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk,
https://docs.opensearch.org/latest/api-reference/document-apis/bulk/.
"""

from typing import Annotated, ClassVar, Final, Literal, Self
from urllib.parse import quote, urlencode

from pydantic import ConfigDict, model_validator

from penstock.block import Batch
from penstock.columns import Columns
from penstock.destinations.aws_answers import judge_identity
from penstock.destinations.base import BatchSize, DestinationSettings, Limits, Unfit, Verdict
from penstock.destinations.base_url import base_url
from penstock.destinations.elasticsearch_access import CloudId, ElasticsearchAuth
from penstock.destinations.elasticsearch_answers import FILTER, judge
from penstock.destinations.elasticsearch_lines import BulkLines
from penstock.destinations.elasticsearch_names import IndexName, IndexTemplate, Names
from penstock.destinations.elasticsearch_stamps import FIELD, OVERHEAD, Stamping, stamped
from penstock.destinations.event_time import event_times
from penstock.destinations.template import Template, TemplateText
from penstock.exchange import Answer, Request
from penstock.fields import FieldName, HttpUrl
from penstock.transport import HttpTransport, Transport

_HEADERS: Final = {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
_USUAL_NAME: Final = len('"_index":"logs-service-2026.01.02",')
"""Bytes that the name of an index takes, where each event has its own."""


Base = Annotated[HttpUrl, base_url("https://es.example:9200", "/_bulk")]


class ElasticsearchSettings(DestinationSettings, HttpTransport):
    """Writes to Elasticsearch or OpenSearch. Each event has an id there, so that a retry doubles none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "elasticsearch", "url": "https://es.example:9200", "index": "logs-app"},
                {
                    "type": "elasticsearch",
                    "url": "https://es-1.example:9200",
                    "urls": ["https://es-2.example:9200"],
                    "index": "logs-{service|other}-%Y.%m.%d",
                    "at_timestamp": "rename",
                    "routing": "{tenant}",
                    "auth": {"api_key": "hunter2:hunter2b"},
                    "compression": "gzip",
                },
                {
                    "type": "elasticsearch",
                    "cloud_id": "logs:ZXhhbXBsZS5jb20kYWJjJGRlZg==",
                    "index": "logs-app-default",
                    "require_data_stream": True,
                    "auth": {"basic": {"username": "elastic", "password": "hunter2"}},
                },
                {
                    "type": "elasticsearch",
                    "url": "https://search-logs.eu-central-1.es.amazonaws.com",
                    "index": "logs",
                    "auth": {
                        "aws": {
                            "region": "eu-central-1",
                            "access_key_id": "A",
                            "secret_access_key": "hunter2",
                        }
                    },
                },
            ]
        }
    )
    default_batch: ClassVar[BatchSize] = BatchSize(events=5000, bytes=5 * 10**6, age=1.0)

    type: Literal["elasticsearch"]
    url: Base | None = None
    """The cluster's base, such as `https://es.example:9200`; a path in it is kept."""
    urls: tuple[Base, ...] = ()
    """Further nodes, asked where the first cannot be reached."""
    rotate: bool = False
    """Ask all of them in turns."""
    cloud_id: CloudId | None = None
    """Of a deployment on Elastic Cloud, in the place of `url`."""
    auth: ElasticsearchAuth = ElasticsearchAuth()
    index: IndexTemplate
    """Index, alias or data stream. `{service}` stands for a field of the event, `{service|other}` says what stands where it
    has none, `%Y.%m.%d` for the date of the event in UTC. Capitals become small."""
    fallback_index: IndexName | None = None
    """For events that have no such field, or one that cannot be part of a name; without it they become dead letters."""
    time_field: FieldName = "timestamp"
    """Where an event says when it happened, for dates in `index` and for `@timestamp`; where it does not, and with "",
    the time of arrival counts."""
    at_timestamp: Stamping = "auto"
    """`add`: events without `@timestamp` get one. `rename`: `time_field` becomes it. `keep`: events stay as they are.
    `auto`: `add` with `require_data_stream`, which needs it, else `keep`."""
    action: Literal["create", "index"] = "create"
    """`create` writes what is not there yet, and is what data streams take; `index` overwrites."""
    event_ids: bool = True
    """Each event's id is the document's, so that a retry doubles nothing. Off, the service makes ids of its own, which is
    faster on its side, and a retry may double."""
    pipeline: str = ""
    """Ingest pipeline of the service."""
    routing: TemplateText | None = None
    """What decides on the shard, where that is not the id: `{tenant}`; events without that field go by their id."""
    require_alias: bool = False
    """`index` must be an alias: it is not made where it is missing."""
    require_data_stream: bool = False
    """`index` must be a data stream: an index is not made in its place."""
    compression: Literal["none", "gzip"] = "none"
    """Of what is sent."""

    @model_validator(mode="after")
    def _whereto(self) -> Self:
        if self.url is None and self.cloud_id is None:
            raise ValueError("says not where to write to: set `url` or `cloud_id`")
        if self.url is not None and self.cloud_id is not None:
            raise ValueError("says twice where to write to: keep `url` or `cloud_id`")
        if self.require_data_stream and (self.action == "index" or self.require_alias):
            other = "`require_alias`" if self.require_alias else "`action: index`"
            raise ValueError(f"`require_data_stream` and {other} exclude each other")
        return self

    @property
    def stamps(self) -> bool:
        """Events without `@timestamp` get one."""
        if self.at_timestamp == "auto":
            return self.require_data_stream
        return self.at_timestamp != "keep"

    @property
    def renamed(self) -> str:
        """The field that becomes `@timestamp`; empty where events keep theirs."""
        return self.time_field if self.at_timestamp == "rename" and self.time_field != FIELD else ""

    def build(self, name: str) -> "Elasticsearch":
        """The destination; it needs no name."""
        del name
        return Elasticsearch(self)


class Elasticsearch:
    """A cluster that takes `_bulk`."""

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self._settings = settings
        self._names = Names(settings.index, settings.fallback_index)
        self._routing = Template(settings.routing or "")
        self._lines = BulkLines(settings.action, ids=settings.event_ids)
        self._stamps = settings.stamps
        self._plain = self._names.fixed is not None and not self._stamps and not settings.routing
        self._time_field = (
            settings.time_field if self._stamps or self._names.dated or self._routing.dated else ""
        )
        wanted = [*self._names.paths, *self._routing.paths, self._time_field, FIELD if self._stamps else ""]
        self._columns = Columns([path for path in dict.fromkeys(wanted) if path])
        self._url, *nodes = [
            self._target(base) for base in (settings.url or settings.cloud_id or "", *settings.urls)
        ]
        self._nodes = tuple(nodes)
        self._headers = {**_HEADERS, **settings.auth.headers()}
        self._signing = settings.auth.signing()
        self._sign = None if self._signing is None else self._signing.signer(self._headers)
        self.transport: Transport = settings
        self.secrets = settings.auth.secrets()
        per_event = self._lines.overhead + (OVERHEAD if self._stamps else 0)
        per_event += 0 if self._names.fixed is not None else _USUAL_NAME
        self.limits = Limits(
            event_overhead=per_event, estimated=self._names.fixed is None or bool(settings.routing)
        )

    def encode(self, batch: Batch) -> Request | Unfit:
        body = self._lines.same(batch, batch.data) if self._plain else self._detailed(batch)
        if isinstance(body, Unfit):
            return body
        return Request(
            method="POST",
            url=self._url,
            headers=self._headers,
            body=body,
            compression=self._settings.compression,
            sign=self._sign,
            nodes=self._nodes,
            rotate=self._settings.rotate,
        )

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        if self._signing is not None and (verdict := judge_identity(self._signing, answer)) is not None:
            return verdict
        ids = self._settings.event_ids and self._settings.action == "create"
        return judge(answer, batch.count, ids=ids, one_index=self._names.fixed is not None)

    def _detailed(self, batch: Batch) -> bytes | Unfit:
        """The body where something of each event has to be known."""
        values = dict(zip(self._columns.paths, self._columns.read(batch), strict=True))
        said = values.get(self._time_field)
        times = event_times(batch, said)
        names, refused = self._names.of(batch, values, times)
        if refused:
            return Unfit(refused)
        lines = batch.lines()
        if self._stamps:
            lines = stamped(
                lines, values[FIELD], said or [None] * batch.count, times, rename=self._settings.renamed
            )
        if not self._settings.routing and len(set(names)) == 1:
            return self._lines.same(batch, b"\n".join([*lines, b""]), names[0])
        texts = self._routing.fill(batch, [values[path] for path in self._routing.paths], times)
        return self._lines.each(batch, lines, names, [text or None for text in texts])

    def _target(self, base: str) -> str:
        settings = self._settings
        query = {"filter_path": FILTER}
        if settings.pipeline:
            query["pipeline"] = settings.pipeline
        if settings.require_alias:
            query["require_alias"] = "true"
        if settings.require_data_stream:
            query["require_data_stream"] = "true"
        index = f"/{quote(self._names.fixed, safe='')}" if self._names.fixed else ""
        return f"{base}{index}/_bulk?{urlencode(query, safe=',*', quote_via=quote)}"
