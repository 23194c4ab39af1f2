"""The played collector is as strict as Splunk, and says so in the same words."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sandbox.service import Answered, Asked, Service, ServiceSettings, Spoil, Worded, sound
from penstock.sandbox.splunk_hec import SplunkHecService

TOKEN, OFF = "good-token", "off-token"
CHANNEL = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"
EVENTS = b'{"event":"a"}{"event":"b"}\n{"event":{"n":3},"fields":{"id":"node-3"}}'


def played(**settings: Any) -> Service:
    given = {"type": "splunk_hec", "tokens": [TOKEN], "disabled_tokens": [OFF], **settings}
    return SplunkHecService.model_validate(given).build()


def ask(
    service: Service,
    body: bytes = EVENTS,
    target: str = "/services/collector/event",
    *,
    method: str = "POST",
    at: float = 100.0,
    spoil: Spoil = sound,
    **headers: str,
) -> Answered:
    given = {
        "authorization": f"Splunk {TOKEN}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    present = {name: value for name, value in given.items() if value}
    return service.answer(Asked(method, target, present, body, body, at), spoil)


def said(answered: Answered) -> tuple[int, Any]:
    return answered.status, json.loads(answered.body)


def code(answered: Answered) -> int:
    found = json.loads(answered.body)["code"]
    assert isinstance(found, int)
    return found


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("authorization", "wanted"),
    [
        (f"Splunk {TOKEN}", (200, {"text": "Success", "code": 0})),
        (f"splunk {TOKEN}", (200, {"text": "Success", "code": 0})),
        (basic(f"anyone:{TOKEN}"), (200, {"text": "Success", "code": 0})),
        (basic(TOKEN), (401, {"text": "Invalid authorization", "code": 3})),
        ("Basic %%%", (401, {"text": "Invalid authorization", "code": 3})),
        ("", (401, {"text": "Token is required", "code": 2})),
        (f"Bearer {TOKEN}", (401, {"text": "Invalid authorization", "code": 3})),
        (TOKEN, (401, {"text": "Invalid authorization", "code": 3})),
        ("Splunk ", (401, {"text": "Invalid authorization", "code": 3})),
        ("Splunk other", (403, {"text": "Invalid token", "code": 4})),
        (f"Splunk {OFF}", (403, {"text": "Token disabled", "code": 1})),
    ],
)
@pytest.mark.parametrize("path", ["", "/event", "/event/1.0", "/raw", "/raw/1.0"])
def test_who_may_write(authorization: str, wanted: object, path: str) -> None:
    target = f"/services/collector{path}"
    answered = ask(played(), target=target, authorization=authorization, x_splunk_request_channel=CHANNEL)
    assert said(answered) == wanted


def test_a_token_in_the_query_is_taken_where_that_is_turned_on() -> None:
    target = f"/services/collector?token={TOKEN}"
    refused = ask(played(), target=target, authorization="")
    assert said(refused) == (400, {"text": "Query string authorization is not enabled", "code": 16})
    assert code(ask(played(query_auth=True), target=target, authorization="")) == 0


def test_other_addresses_and_methods() -> None:
    for target in ("/", "/services", "/services/collector/other", "/services/collector/event/2.0"):
        assert ask(played(), target=target).status == 404
    assert ask(played(), method="GET").status == 405


def test_events_are_taken_with_the_ids_they_have() -> None:
    accepted = ask(played()).accepted
    assert [one.id for one in accepted] == ["", "", "node-3"]
    assert [json.loads(one.event)["event"] for one in accepted] == ["a", "b", {"n": 3}]


@pytest.mark.parametrize("body", [b"", b" \n "])
def test_no_data(body: bytes) -> None:
    assert said(ask(played(), body)) == (400, {"text": "No data", "code": 5})


def test_those_before_a_bad_event_are_taken_and_it_is_named() -> None:
    answered = ask(played(), b'{"event":"a"}{"event":"b"}{"event":""}{"event":"d"}')
    assert said(answered) == (
        400,
        {"text": "Event field cannot be blank", "code": 13, "invalid-event-number": 2},
    )
    assert (len(answered.accepted), answered.refused) == (2, 1)


def test_a_wrong_index_is_counted_one_too_high_as_splunk_does() -> None:
    service = played(indexes=["main"])
    answered = ask(service, b'{"event":"a","index":"main"}{"event":"b","index":"x"}')
    assert said(answered) == (400, {"text": "Incorrect index", "code": 7, "invalid-event-number": 2})
    assert len(answered.accepted) == 1
    for path in ("raw", "event"):
        by_query = ask(service, b'{"event":"a"}', f"/services/collector/{path}?index=x")
        assert said(by_query) == (400, {"text": "Incorrect index", "code": 7})
        assert not by_query.accepted


def test_an_event_can_be_spoilt() -> None:
    answered = ask(played(), spoil=lambda index: index == 1)
    assert said(answered) == (400, {"text": "Invalid data format", "code": 6, "invalid-event-number": 1})
    assert len(answered.accepted) == 1
    raw = ask(played(), b"a\nb\n", "/services/collector/raw", spoil=lambda index: index == 1)
    assert said(raw) == (400, {"text": "Invalid data format", "code": 6})
    assert not raw.accepted


def test_raw_lines() -> None:
    answered = ask(played(), b'plain\n\n{"id":"x","n":1}\r\n{broken', "/services/collector/raw")
    assert [one.event for one in answered.accepted] == [b'"plain"', b'{"id":"x","n":1}', b'"{broken"']


def test_channels() -> None:
    raw = "/services/collector/raw"
    assert code(ask(played(), target=raw)) == 0
    assert code(ask(played(raw_channel=True), target=raw)) == 10
    assert code(ask(played(raw_channel=True), target=f"{raw}?channel={CHANNEL}")) == 0
    assert code(ask(played(), x_splunk_request_channel="mine")) == 11
    with_acks = played(acks={"enabled": True})
    assert said(ask(with_acks)) == (400, {"text": "Data channel is missing", "code": 10})
    assert code(ask(with_acks, x_splunk_request_channel=CHANNEL.upper())) == 0


def confirm(service: Service, *ids: int, at: float, channel: str = CHANNEL) -> tuple[int, Any]:
    target = f"/services/collector/ack?channel={channel}"
    return said(ask(service, json.dumps({"acks": ids}).encode(), target, at=at))


def test_acks_come_late_and_once() -> None:
    service = played(acks={"enabled": True, "delay": "5s"})
    for number in range(2):
        answered = ask(service, x_splunk_request_channel=CHANNEL, at=100.0 + number)
        assert said(answered) == (200, {"text": "Success", "code": 0, "ackId": number})
    assert confirm(service, 0, 1, 2, at=104.0) == (200, {"acks": {"0": False, "1": False, "2": False}})
    assert confirm(service, 0, 1, at=105.0) == (200, {"acks": {"0": True, "1": False}})
    assert confirm(service, 0, 1, at=106.0) == (200, {"acks": {"0": False, "1": True}})


def test_acks_count_in_their_channel_of_their_indexer() -> None:
    service = played(acks={"enabled": True})
    ask(service, x_splunk_request_channel=CHANNEL)
    other = CHANNEL.replace("0", "1")
    assert confirm(service, 0, at=1e9, channel=other)[1] == {"text": "Invalid data channel", "code": 11}
    assert confirm(played(acks={"enabled": True}), 0, at=1e9)[1]["code"] == 11
    assert confirm(service, 0, at=1e9, channel="")[1]["code"] == 10
    assert confirm(service, 0, at=1e9, channel="x")[1]["code"] == 11
    assert said(ask(service, b"{}", f"/services/collector/ack?channel={CHANNEL}"))[0] == 400
    assert confirm(service, 0, at=1e9) == (200, {"acks": {"0": True}})


def test_acks_that_are_off() -> None:
    service = played()
    assert "ackId" not in said(ask(service, x_splunk_request_channel=CHANNEL))[1]
    assert confirm(service, 0, at=1.0) == (400, {"text": "ACK is disabled", "code": 14})


def test_a_channel_holds_so_many_acks() -> None:
    service = played(acks={"enabled": True, "most": 5, "delay": 0})
    codes = [code(ask(service, x_splunk_request_channel=CHANNEL)) for _ in range(6)]
    assert codes == [0, 0, 0, 25, 25, 27]
    assert not ask(service, x_splunk_request_channel=CHANNEL).accepted
    confirm(service, 0, 1, at=1e9)
    assert code(ask(service, x_splunk_request_channel=CHANNEL)) == 25


@pytest.mark.parametrize("path", ["/health", "/health/1.0"])
def test_health(path: str) -> None:
    def health(authorization: str = f"Splunk {TOKEN}") -> tuple[int, Any]:
        target = f"/services/collector{path}"
        return said(ask(played(), b"", target, method="GET", authorization=authorization))

    assert health() == health("") == (200, {"text": "HEC is healthy", "code": 17})
    assert health("Splunk other") == (400, {"text": "Invalid token", "code": 21})
    assert health(f"Splunk {OFF}") == (400, {"text": "Token disabled", "code": 22})
    assert health("Bearer x")[1]["code"] == 3


def test_bodies_beyond_its_limit() -> None:
    service = played(max_content_length=len(EVENTS))
    assert code(ask(service)) == 0
    assert ask(service, EVENTS + b"\n").status == 413


paths = st.sampled_from(["", "/event", "/raw", "/ack", "/health", "/other"])
values = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists)
keys = st.sampled_from(["event", "time", "fields", "index", "host", "acks"])


@given(
    path=paths,
    query=st.text("token=channel&%;+index", max_size=20),
    method=st.sampled_from(["GET", "POST", "PUT"]),
    authorization=st.sampled_from([f"Splunk {TOKEN}", "Basic /+8=", ""]) | st.text(max_size=20),
    channel=st.sampled_from([CHANNEL, ""]) | st.text(max_size=5),
    body=st.binary()
    | st.dictionaries(keys, values | st.dictionaries(keys, values)).map(lambda it: json.dumps(it).encode()),
    acks=st.booleans(),
)
def test_it_has_an_answer_for_whatever_is_asked(
    path: str, query: str, method: str, authorization: str, channel: str, body: bytes, acks: bool
) -> None:
    service = played(acks={"enabled": acks}, query_auth=True, indexes=["main"])
    target = f"/services/collector{path}?{query}"
    answered = ask(
        service, body, target, method=method, authorization=authorization, x_splunk_request_channel=channel
    )
    assert isinstance(json.loads(answered.body), dict)
    assert not (answered.accepted and answered.status >= 400 and answered.status != 400)


def test_it_has_words_for_being_unwell() -> None:
    service = played()
    assert isinstance(service, Worded)
    words = {
        status: said(service.words(status))[1] for status in (400, 401, 403, 404, 413, 429, 500, 503, 599)
    }
    assert words[503] == {"text": "Server is busy", "code": 9}
    assert words[429]["code"] == 26
    assert words[401]["code"] == 3
    assert words[599]["code"] == 599


def test_it_tells_how_to_deliver_to_it() -> None:
    settings = SplunkHecService.model_validate({"type": "splunk_hec", "acks": {"enabled": True}})
    assert isinstance(settings, ServiceSettings)
    assert settings.destination("http://h:1") == {
        "type": "splunk_hec", "url": "http://h:1", "auth": {"token": "sandbox"}, "id_field": "id",
        "acks": {"enabled": True},
    }  # fmt: skip
    assert "sandbox" not in repr(settings)
