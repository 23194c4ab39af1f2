"""Datadog's intake as it is played: its doors, its limits, and what it does without a word."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.sandbox.datadog import PATH, PlayedDatadog, PlayedDatadogSettings
from penstock.sandbox.service import Answered, Asked, sound

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


def played(**settings: Any) -> PlayedDatadog:
    return PlayedDatadogSettings.model_validate({"type": "datadog", **settings}).build()


def ask(
    service: PlayedDatadog,
    body: bytes | Sequence[Any],
    *,
    spoil: Callable[[int], bool] = sound,
    method: str = "POST",
    target: str = PATH,
    **headers: str,
) -> Answered:
    given = {"dd_api_key": "sandbox", "content_type": "application/json", **headers}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kept = {name.replace("_", "-"): value for name, value in given.items() if value}
    return service.answer(Asked(method, target, kept, data, data, NOW), spoil)


def events(answered: Answered) -> list[Any]:
    return [json.loads(accepted.event) for accepted in answered.accepted]


def test_an_array_is_accepted() -> None:
    sent = [{"message": "one", "n": 1}, {"message": "two"}]
    answered = ask(played(), sent)
    assert (answered.status, answered.body) == (202, b"{}")
    assert events(answered) == sent


def test_one_object_is_one_event_and_an_empty_one_is_none() -> None:
    assert events(ask(played(), b' {"message":"x"}')) == [{"message": "x"}]
    for empty in (b"{}", b"[]"):
        answered = ask(played(), empty)
        assert (answered.status, list(answered.accepted)) == (202, [])


def test_text_is_an_event_a_line_with_the_tags_of_the_query() -> None:
    answered = ask(played(), b"one\n\ntwo\n", target=f"{PATH}?ddtags=env:a,b:c", content_type="text/plain; charset=utf-8")  # fmt: skip
    assert events(answered) == [{"message": text, "ddtags": "env:a,b:c"} for text in ("one", "two")]


@pytest.mark.parametrize(
    ("how", "status", "title", "detail"),
    [
        ({"dd_api_key": "wrong"}, 403, "Forbidden", "API key is missing or invalid"),
        ({"dd_api_key": ""}, 401, "Unauthorized", "API key is missing or invalid"),
        ({"target": "/v1/input"}, 404, "Not Found", "Not found"),
        ({"method": "GET"}, 405, "Method Not Allowed", "Method not allowed"),
    ],
)
def test_doors(how: dict[str, Any], status: int, title: str, detail: str) -> None:
    answered = ask(played(), [{}], **how)
    assert answered.status == status
    assert json.loads(answered.body) == {"errors": [{"status": str(status), "title": title, "detail": detail}]}  # fmt: skip
    assert not answered.accepted


def test_the_key_may_stand_in_the_query_and_without_keys_anybody_is_let_in() -> None:
    assert ask(played(), [{}], dd_api_key="", target=f"{PATH}?dd-api-key=sandbox").status == 202
    assert ask(played(api_keys=[]), [{}], dd_api_key="").status == 202
    assert ask(played(api_keys=["a", "b"]), [{}], dd_api_key="b").status == 202


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[5]", b'["text"]', b'[{"a":1}', b'[{"a":1}{"a":1}]', b"\xff", b"[" * 5000]
)
def test_what_is_no_json_of_objects_is_refused_as_a_whole(body: bytes) -> None:
    assert ask(played(), body).status == 400


def test_limits_of_a_request() -> None:
    full = b'[{"message":"%b"}]' % (b"x" * (5_000_000 - 16))
    assert len(full) == 5_000_000
    assert ask(played(), full).status == 202
    assert ask(played(), full + b" ").status == 413
    assert ask(played(), [{}] * 1000).status == 202
    assert ask(played(), [{}] * 1001).status == 413


def test_an_event_that_is_too_long_is_cut_without_a_word() -> None:
    service = played()
    fits = {"message": "x" * (1_000_000 - 14)}
    answered = ask(service, json.dumps([fits, {"message": "y" * 1_000_000}]).replace(" ", "").encode())
    assert (answered.status, answered.body, service.clipped) == (202, b"{}", 1)
    whole, cut = events(answered)
    assert whole == fits
    assert len(answered.accepted[1].event) <= 1_000_000
    assert cut["message"].startswith('{"message":"yyy')


def test_an_event_that_is_too_old_or_too_far_ahead_vanishes_without_a_word() -> None:
    hour = 3_600_000
    sent = [{"timestamp": round(NOW * 1000) + late * hour} for late in (0, -17, -19, 1, 3)]
    answered = ask(played(), sent)
    assert (answered.status, answered.body, answered.refused) == (202, b"{}", 2)
    assert events(answered) == [sent[0], sent[1], sent[3]]
    assert len(events(ask(played(oldest="1h"), sent))) == 2


def test_what_is_spoiled_vanishes_too() -> None:
    answered = ask(played(), [{"n": n} for n in range(4)], spoil=lambda index: index == 2)
    assert (answered.status, answered.refused) == (202, 1)
    assert [event["n"] for event in events(answered)] == [0, 1, 3]


def test_words_for_any_status() -> None:
    assert json.loads(played().words(429).body)["errors"][0]["detail"] == "Too many requests"
    for status in (200, 400, 418, 503, 599, 799):
        assert played().words(status).status == status


def test_the_destination_that_delivers_to_it() -> None:
    settings = PlayedDatadogSettings.model_validate({"type": "datadog", "api_keys": ["k"]})
    assert settings.destination("http://h:1") == {
        "type": "datadog", "url": "http://h:1", "auth": {"api_key": "k"}, "id_field": "id",
    }  # fmt: skip
