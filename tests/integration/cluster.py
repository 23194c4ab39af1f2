"""A real Elasticsearch or OpenSearch as tests see it: what is in it, read back by something that is not our code."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tests.integration.servers import RealServer
from tests.sandbox.elasticsearch_table import Product

_PAGE = 5000


@dataclass(frozen=True)
class Stored:
    """One document."""

    index: str
    id: str
    source: dict[str, Any]


class Cluster:
    """One server, asked by plain HTTP."""

    def __init__(self, product: Product, server: RealServer) -> None:
        self.product = product
        self.server = server

    @property
    def url(self) -> str:
        return self.server.url

    def ask(self, method: str, target: str, body: Any = None) -> Any:
        """The answer's JSON. Raises `AssertionError` where it is an error."""
        data = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)) as connection:
            connection.request(method, target, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
        assert answer.status < 300, (method, target, answer.status, said[:1000])
        return json.loads(said) if said else None

    def create(self, index: str, **body: Any) -> None:
        self.ask("PUT", f"/{index}", {"settings": {"number_of_replicas": 0}, **body})

    def change(self, index: str, **settings: Any) -> None:
        self.ask(
            "PUT", f"/{index}/_settings", {name.replace("__", "."): value for name, value in settings.items()}
        )

    def stored(self, expression: str) -> list[Stored]:
        """Every document of the indices of a name or a pattern."""
        self.ask("POST", f"/{expression}/_refresh")
        found = [one for index in self._indices(expression) for one in self._read(index)]
        assert len(found) == self.ask("GET", f"/{expression}/_count")["count"]
        return found

    def _indices(self, expression: str) -> list[str]:
        return sorted(self.ask("GET", f"/{expression}/_settings"))

    def _read(self, index: str) -> Iterator[Stored]:
        after: list[int] = []
        while True:
            # An index with nothing in it has no such field.
            order = {"_seq_no": {"order": "asc", "unmapped_type": "long"}}
            body = {"size": _PAGE, "sort": [order], **({"search_after": after} if after else {})}
            hits = self.ask("POST", f"/{index}/_search", body)["hits"]["hits"]
            yield from [Stored(hit["_index"], hit["_id"], hit["_source"]) for hit in hits]
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]
