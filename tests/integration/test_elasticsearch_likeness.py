"""The real Elasticsearch and the real OpenSearch answer as the played ones do, request for request."""

import http.client
import json
from collections.abc import Mapping
from contextlib import closing

import pytest

from tests.integration.servers import RealServer
from tests.sandbox.elasticsearch_bodies import BOTH, FILTERS
from tests.sandbox.elasticsearch_cases import CASES
from tests.sandbox.elasticsearch_table import NDJSON, PRODUCTS, Product, shape
from tests.sandbox.elasticsearch_talk import Talk

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", params=PRODUCTS)
def real(request: pytest.FixtureRequest) -> tuple[Product, RealServer]:
    return request.param, request.getfixturevalue(request.param)


class Ask:
    def __init__(self, server: RealServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.last = ""
        """The last answer, for messages."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        self._connection.request(method, target, body or None, dict(headers))
        answer = self._connection.getresponse()
        said = answer.read()
        self.last = f"{method} {target} {answer.status} {said[:300]!r}"
        return answer.status, said

    def close(self) -> None:
        self._connection.close()


def test_each_request_of_the_table(real: tuple[Product, RealServer]) -> None:
    product, server = real
    wrong: list[str] = []
    with closing(Ask(server)) as ask:
        for number, case in enumerate(CASES):
            try:
                case.run(product, ask, f"case{number}")
            except AssertionError as exc:
                wrong.append(str(exc).partition("\n")[0])
            except json.JSONDecodeError:
                wrong.append(f"no JSON: {ask.last}")
            # There are only so many shards for all.
            for stale in (f"case{number}-none", f"case{number}"):
                ask("DELETE", f"/{stale}", {}, b"")
    assert not wrong, "\n".join(wrong)


def test_what_a_filter_leaves_of_an_answer(real: tuple[Product, RealServer]) -> None:
    product, server = real
    with closing(Ask(server)) as ask:
        for number, filter_path in enumerate(FILTERS):
            target = f"/filter{number}/_bulk?filter_path={filter_path.replace('*', '%2A')}"
            status, said = ask("POST", target, NDJSON, BOTH)
            played = Talk(product=product)("POST", target, BOTH)
            assert said[:1] == b"{", ask.last
            assert (played.status, shape(json.loads(played.body))) == (status, shape(json.loads(said))), (
                filter_path
            )
