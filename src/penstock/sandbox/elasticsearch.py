"""Plays Elasticsearch, or OpenSearch: `_bulk` and what is needed to set it up and to read back what it took.

What each request is answered was seen on Elasticsearch 8.19 and OpenSearch 3.6, which run through the same table in the
tests; credentials, which those had not, are as Elastic's documentation has them. Documents can be read back at once, without a
refresh. https://www.elastic.co/docs/api/doc/elasticsearch
"""

from dataclasses import replace
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from penstock.fields import Model, Secret, Size
from penstock.sandbox.elasticsearch_actions import Defaults, actions
from penstock.sandbox.elasticsearch_asking import Parameters, check_content, check_parameters, reply
from penstock.sandbox.elasticsearch_bulk import Bulk, SpoiledAs
from penstock.sandbox.elasticsearch_cluster import Cluster, Template
from penstock.sandbox.elasticsearch_doors import Doors, shut
from penstock.sandbox.elasticsearch_errors import REJECTED, Product, Trouble
from penstock.sandbox.elasticsearch_mapping import Mapping
from penstock.sandbox.elasticsearch_names import check_name
from penstock.sandbox.elasticsearch_routes import Routes
from penstock.sandbox.service import Answered, Asked, Service, ServiceSettings, Spoil, sound

_HEADERS: Final[dict[Product, dict[str, str]]] = {
    "elasticsearch": {"X-Elastic-Product": "Elasticsearch"},
    "opensearch": {"X-OpenSearch-Version": "OpenSearch/3.6.0 (opensearch)"},
}
_CODINGS: Final[dict[Product, frozenset[str]]] = {
    "elasticsearch": frozenset({"gzip", "x-gzip", "deflate"}),
    "opensearch": frozenset({"gzip", "x-gzip", "deflate", "zstd"}),
}
"""Those that are undone; a body with another is read as it came, as the real ones do it."""


class PlayedIndex(Model):
    """An index that is there from the start."""

    fields: dict[str, str] = Field(default_factory=dict)
    """Types, by the field's name: `{status: long, "http.host": keyword}`."""
    dynamic: Literal["true", "false", "strict"] = "strict"
    """What becomes of other fields: `true`: they get a type by their first value; `false`: they are not looked at;
    `strict`: documents with them are refused."""
    block: Literal["none", "write", "flood_stage"] = "none"
    """`write`: each item is answered with 403. `flood_stage`: with 429, as when the disk is full."""
    data_stream: bool = False
    """It is a data stream: it takes only `create`, and documents with a `@timestamp`."""

    def body(self) -> dict[str, Any]:
        """As it would be sent to make it."""
        blocks = {"none": {}, "write": {"write": True}, "flood_stage": {"read_only_allow_delete": True}}
        properties = {name: {"type": kind} for name, kind in self.fields.items()}
        return {
            "mappings": {"dynamic": self.dynamic, "properties": properties},
            "settings": {"index": {"blocks": blocks[self.block]}},
        }


class PlayedElasticsearchSettings(ServiceSettings):
    """Plays Elasticsearch or OpenSearch."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "elasticsearch",
                    "auth": {"api_keys": ["penstock:demo"]},
                    "data_streams": ["logs-*-*"],
                },
                {
                    "type": "elasticsearch",
                    "product": "opensearch",
                    "max_content_length": "10MiB",
                    "indices": {"strict": {"fields": {"message": "text", "status": "long"}}},
                },
            ]
        }
    )

    type: Literal["elasticsearch"]
    product: Product = "elasticsearch"
    """Which of the two: they name errors differently, and clients of the one do not speak with the other."""
    auth: Doors = Doors()
    indices: dict[str, PlayedIndex] = Field(default_factory=dict)
    """Indices and data streams that are there from the start, by name."""
    data_streams: tuple[str, ...] = ()
    """Patterns of names that are data streams, such as `logs-*-*`."""
    auto_create_index: bool = True
    """An index that is missing is made when something is written to it."""
    max_content_length: Size = 100 * 2**20
    """Of a body, as it comes and inflated; a larger one is answered with 413."""
    indexing_pressure: Size | None = None
    """Bytes of one body that are too much to work on: the whole request is answered with 429."""
    spoiled: SpoiledAs = "rejected"
    """What an event that a fault spoils is answered: `rejected`: 429. `unavailable`: 503. `malformed`: 400."""
    keep: Size = 64 * 2**20
    """Memory for documents that can be read back, the latest; of all others the ids stay."""

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        for name, index in self.indices.items():
            try:
                check_name(name)
                Mapping(index.body()["mappings"], self.product)
            except Trouble as exc:
                raise ValueError(f"indices.{name}: {exc.reason}") from exc
        return self

    def build(self) -> "PlayedElasticsearch":
        return PlayedElasticsearch(self)

    def destination(self, url: str) -> dict[str, Any]:
        def text(secret: Secret) -> str:
            return secret.get_secret_value()

        auth: dict[str, Any] = {}
        if self.auth.api_keys:
            auth = {"auth": {"api_key": text(self.auth.api_keys[0])}}
        elif self.auth.users:
            user, password = next(iter(self.auth.users.items()))
            auth = {"auth": {"basic": {"username": user, "password": text(password)}}}
        elif self.auth.tokens:
            auth = {"auth": {"bearer": text(self.auth.tokens[0])}}
        stream = bool(self.data_streams)
        index = (
            self.data_streams[0].replace("*", "app", 1).replace("*", "default")
            if stream
            else next(iter(self.indices), "logs")
        )
        more = {"require_data_stream": True} if stream and self.product == "elasticsearch" else {}
        return {**super().destination(url), "index": index, **more, **auth}


class PlayedElasticsearch(Service):
    """One cluster of one node, in memory."""

    def __init__(self, settings: PlayedElasticsearchSettings) -> None:
        self._settings = settings
        self._product: Product = settings.product
        self.cluster = Cluster(settings.product, auto_create=settings.auto_create_index, keep=settings.keep)
        if settings.data_streams:
            self.cluster.templates["streams"] = Template(settings.data_streams, 100, {}, stream=True)
        for name, index in settings.indices.items():
            if index.data_stream:
                self.cluster.templates[name] = Template((name,), 200, index.body(), stream=True)
            else:
                self.cluster.create(name, index.body())
        self._bulk = Bulk(self.cluster, settings.spoiled, settings.auth.writable)
        self._routes = Routes(self.cluster)

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        answered = self._answer(asked, spoil)
        return replace(answered, headers={**_HEADERS[self._product], **answered.headers})

    def words(self, status: int) -> Answered:
        """What the server says with this status."""
        product = self._product
        match status:
            case 401:
                return shut(product)
            case 413:
                return Answered(413)
            case 429:
                return _pressure(product, 0, 0).whole()
            case 503:
                reason = "blocked by: [SERVICE_UNAVAILABLE/2/no master];"
                return Trouble(503, "cluster_block_exception", reason).whole()
            case _:
                return Trouble(status, "exception", f"the sandbox was told to answer {status}").whole()

    def _answer(self, asked: Asked, spoil: Spoil) -> Answered:
        parameters = Parameters(asked.target)
        try:
            shut_out = self._settings.auth.check(asked.headers, asked.path, self._product)
            if shut_out is not None:
                return shut_out
            coding = asked.headers.get("content-encoding", "").strip().lower()
            body = asked.body if coding in _CODINGS[self._product] else asked.raw
            if max(len(asked.raw), len(body)) > self._settings.max_content_length:
                return Answered(413)
            refusal = check_content(asked.headers, self._product, has_body=bool(body))
            if refusal is not None:
                return refusal
            if (
                parameters.segments[-1:] == ("_bulk",)
                and len(parameters.segments) <= 2
                and asked.method in ("POST", "PUT")
            ):
                return self._write(body, parameters, spoil, asked)
            return reply(self._routes.answer(asked.method, parameters, body), parameters, asked.headers)
        except Trouble as exc:
            return exc.whole()

    def _write(self, body: bytes, parameters: Parameters, spoil: Spoil, asked: Asked) -> Answered:
        check_parameters(parameters, self._product)
        self._settings.auth.check_rights()
        limit = self._settings.indexing_pressure
        if limit is not None and len(body) > limit:
            raise _pressure(self._product, len(body), limit)
        index = parameters.segments[0] if len(parameters.segments) == 2 else None
        defaults = Defaults(
            index,
            parameters.get("pipeline"),
            alias=parameters.flag("require_alias"),
            stream=parameters.flag("require_data_stream"),
        )
        outcome = self._bulk.run(actions(body, defaults, self._product), spoil, asked.received)
        said = {"errors": outcome.errors, "took": 0, "items": outcome.items}
        answered = reply((200, said), parameters, asked.headers)
        return replace(
            answered, accepted=outcome.accepted, refused=outcome.refused, repeated=outcome.repeated
        )


def _pressure(product: Product, size: int, limit: int) -> Trouble:
    return Trouble(
        429,
        REJECTED[product],
        "rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, "
        f"coordinating_operation_bytes={size}, max_coordinating_and_primary_bytes={limit}]",
    )
