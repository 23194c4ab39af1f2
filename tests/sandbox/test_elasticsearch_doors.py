"""Who is let in, and what the others are told: as Elastic's documentation has it, the real servers of the tests check none."""

import json
from base64 import b64encode
from typing import Any

from penstock.sandbox.service import Answered
from tests.sandbox.elasticsearch_table import NDJSON, lines
from tests.sandbox.elasticsearch_talk import Talk, items

DOC = {"message": "a"}
ACTION: dict[str, Any] = {"create": {}}


def test_credentials_are_demanded() -> None:
    talk = Talk(auth={"api_keys": ["id:key"], "users": {"anna": "pass:word"}, "tokens": ["token"]})

    def ask(authorization: str) -> Answered:
        return talk("POST", "/logs/_bulk", lines(ACTION, DOC), NDJSON | {"Authorization": authorization})

    def encoded(text: str) -> str:
        return b64encode(text.encode()).decode()

    for good in (f"ApiKey {encoded('id:key')}", f"Basic {encoded('anna:pass:word')}", "Bearer token"):
        assert ask(good).status == 200, good
    wrong = (
        "", "ApiKey", "ApiKey id:key", f"ApiKey {encoded('id:other')}", f"Basic {encoded('anna:pass')}",
        f"Basic {encoded('bob:pass:word')}", "Bearer other", f"Negotiate {encoded('id:key')}", "Basic \u00e9",
    )  # fmt: skip
    for bad in wrong:
        answered = ask(bad)
        assert answered.status == 401, bad
        assert json.loads(answered.body)["error"]["type"] == "security_exception"
        assert "ApiKey" in answered.headers["WWW-Authenticate"]
    assert talk("GET", "/", headers={}).status == 401


def test_opensearch_has_other_words_for_a_shut_door() -> None:
    answered = Talk(product="opensearch", auth={"users": {"a": "b"}}).bulk(ACTION, DOC)
    assert (answered.status, answered.body) == (401, b"Unauthorized")
    assert answered.headers["WWW-Authenticate"] == 'Basic realm="OpenSearch Security"'


def test_rights_are_by_index() -> None:
    talk = Talk(auth={"tokens": ["t"], "writable": ["logs-*"]})
    body = lines({"create": {"_index": "logs-a"}}, DOC, {"create": {"_index": "other"}}, DOC)
    answered = talk("POST", "/_bulk", body, NDJSON | {"Authorization": "Bearer t"})
    assert [(item["status"], item.get("error", {}).get("type")) for item in items(answered)] == [
        (201, None),
        (403, "security_exception"),
    ]
    assert "other" not in talk.service.cluster.indices
    nowhere = Talk(auth={"writable": []}).bulk(ACTION, DOC)
    assert (nowhere.status, json.loads(nowhere.body)["error"]["type"]) == (403, "security_exception")
