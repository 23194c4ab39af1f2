"""A played Elasticsearch, asked without a socket."""

import json
from collections.abc import Mapping
from typing import Any

from penstock.inflate import CODINGS, inflate
from penstock.sandbox.elasticsearch import PlayedElasticsearch, PlayedElasticsearchSettings
from penstock.sandbox.service import Answered, Asked
from tests.sandbox.elasticsearch_table import NDJSON, lines


class Talk:
    """Asks a played service without a socket."""

    def __init__(self, **options: Any) -> None:
        self.service: PlayedElasticsearch = PlayedElasticsearchSettings(
            type="elasticsearch", **options
        ).build()
        self.broken: frozenset[int] = frozenset()

    def __call__(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = NDJSON
    ) -> Answered:
        lower = {name.lower(): value for name, value in headers.items()}
        coding = lower.get("content-encoding", "")
        plain = inflate(body, coding, 2**30) if coding in CODINGS else body
        return self.service.answer(
            Asked(method, target, lower, body, plain, 1.79e9), self.broken.__contains__
        )

    def bulk(self, *parts: Any, target: str = "/logs/_bulk") -> Answered:
        return self("POST", target, lines(*parts))


def items(answered: Answered) -> list[dict[str, Any]]:
    assert answered.status == 200, answered.body
    return [item for row in json.loads(answered.body)["items"] for item in row.values()]
