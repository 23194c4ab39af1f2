from typing import Any

import pytest
from pydantic import ValidationError

from penstock.processors.clean import CleanSettings
from penstock.processors.events import Events
from penstock.testing.processing import block_of, chain_of, context, process


def cleaning(**settings: Any) -> CleanSettings:
    return CleanSettings.model_validate({"type": "clean", **settings})


def cleaned(event: dict[str, Any], **settings: Any) -> Any:
    (after,) = process(cleaning(**settings).build(context()), [event])
    return after


@pytest.mark.parametrize(
    ("event", "after"),
    [
        ({"sessionId": 1, "session_id": 2, "SESSION-ID": 3, "session": 4}, {"session": 4}),
        ({"a": [{"ipAddress": "x", "b": {"IP_Address": "y", "c": 1}}]}, {"a": [{"b": {"c": 1}}]}),
        ({"headers": {"Set-Cookie": "a", "Authorization": "b", "Accept": "c"}}, {"headers": {"Accept": "c"}}),
        ({"message": "sessionId=1"}, {"message": "sessionId=1"}),
    ],
)
def test_sensitive_fields_go_wherever_they_are(event: dict[str, Any], after: dict[str, Any]) -> None:
    assert cleaned(event) == after


@pytest.mark.parametrize(
    ("event", "after"),
    [
        ({"timestamp": "2026-11-25T10:00:00+01:00"}, {"timestamp": "2026-11-25T09:00:00Z"}),
        ({"@timestamp": "25/Nov/2026:10:00:00 +0000"}, {"timestamp": "2026-11-25T10:00:00Z"}),
        ({"EventTime": 1764064800123}, {"timestamp": "2025-11-25T10:00:00.123Z"}),
        ({"time": 0.35, "ts": 1764064800}, {"time": 0.35, "timestamp": "2025-11-25T10:00:00Z"}),
        ({"timestamp": "soon", "time": 1764064800}, {"timestamp": "2025-11-25T10:00:00Z"}),
        ({"timestamp": "2026-11-25T10:00:00.5Z"}, {"timestamp": "2026-11-25T10:00:00.5Z"}),
        ({"time": "2024-02-29T23:59:59Z"}, {"timestamp": "2024-02-29T23:59:59Z"}),
        ({"timestamp": "2026-02-29T10:00:00Z"}, {"timestamp": "2026-02-29T10:00:00Z"}),
        ({"timestamp": "soon"}, {"timestamp": "soon"}),
        ({"timestamp": None, "time": {"a": 1}}, {"timestamp": None, "time": {"a": 1}}),
    ],
)
def test_the_time_is_rfc_3339_in_utc(event: dict[str, Any], after: dict[str, Any]) -> None:
    assert cleaned(event) == after


def test_zone_format_and_target_are_told() -> None:
    assert cleaned({"when": "25.11.2026 10:00"}, timestamp="@timestamp", timestamp_fields=["when"], zone="Europe/Berlin",
                   time_formats=["%d.%m.%Y %H:%M"]) == {"@timestamp": "2026-11-25T09:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "level"),
    [
        ({"level": "WARN"}, "warning"), ({"level": "I"}, "info"), ({"severity": "Critical"}, "critical"), ({"lvl": 3}, "error"),
        ({"LogLevel": "Information"}, "info"), ({"level": 60}, "fatal"), ({"level": "40"}, "warning"), ({"levelno": 40}, "error"),
        ({"severity_number": 9}, "info"), ({"PRIORITY": "6"}, "info"), ({"log.level": "emerg"}, "emergency"),
        ({"level": "loud", "severity": "err"}, "error"),
    ],
)  # fmt: skip
def test_the_level_is_one_of_ten_words(event: dict[str, Any], level: str) -> None:
    assert cleaned(event) == {"level": level}


@pytest.mark.parametrize("odd", [99, "loud", True, 1.5, [], {}, "٣", "9" * 5000])
def test_what_is_no_level_stays_and_counts(odd: object) -> None:
    chain = chain_of(cleaning().build(context()))
    (events,) = chain.process(block_of([{"level": odd}]))
    assert events.read() == [{"level": odd}]
    assert chain.stats[0].errors == 1


def test_what_is_clean_is_not_touched() -> None:
    events = Events(
        block_of([{"timestamp": "2026-11-25T10:00:00.123Z", "level": "info", "context": {"a": [1]}}] * 2)
    )
    cleaning().build(context()).process(events)
    assert not events.changed


def test_what_is_wrong_goes_where_the_option_says() -> None:
    chain = chain_of(cleaning(on_error="dead_letter").build(context()))
    (events,) = chain.process(block_of([{"level": "info"}, {"level": "loud"}, {"timestamp": "soon"}]))
    assert events.refused == {1: "level is no level", 2: "timestamp is no time"}
    assert "dead letters" in cleaning(on_error="dead_letter").misplaced()


@pytest.mark.parametrize("settings", [{"zone": "Mars"}, {"time_formats": ["%Q"]}, {"numbers": "roman"}])
def test_a_mistake_is_told(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        cleaning(**settings)
