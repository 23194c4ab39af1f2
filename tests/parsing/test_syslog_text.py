from datetime import UTC, datetime, timedelta, timezone

from penstock.parsing.syslog_text import SyslogText

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()


def test_times_are_in_utc() -> None:
    fields = SyslogText().parse('<165>1 2026-11-25T11:00:00.5+01:00 box app 7 ID [a b="c"] ready\n', NOW)
    assert fields == {
        "timestamp": "2026-11-25T10:00:00.5Z", "level": "notice", "facility": "local4", "severity": "notice", "host": "box",
        "service": "app", "procid": "7", "msgid": "ID", "structured_data": {"a": {"b": "c"}}, "message": "ready",
    }  # fmt: skip


def test_times_without_zone_are_in_that_of_the_configuration() -> None:
    text = "<165>Nov 25 11:00:00 box app[7]: ready"
    for zone, hour in ((UTC, 11), (timezone(timedelta(hours=1)), 10)):
        fields = SyslogText(zone).parse(text, NOW)
        assert fields is not None
        assert fields["timestamp"] == f"2026-11-25T{hour}:00:00Z"


def test_a_message_without_time_has_none() -> None:
    assert SyslogText().parse("<165>app: ready", NOW) == {
        "level": "notice", "facility": "local4", "severity": "notice", "service": "app", "message": "ready",
    }  # fmt: skip


def test_what_is_none() -> None:
    assert SyslogText().parse("just text", NOW) is None
