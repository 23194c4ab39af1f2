from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from penstock.syslog.rfc3164 import parse
from penstock.syslog.stamps import Calendar

RECEIVED = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
TIME = "2026-10-11T22:14:15Z"
NOTICE = {"level": "notice", "facility": "user", "severity": "notice"}


def read(text: str) -> dict[str, Any] | None:
    return parse(text, RECEIVED, Calendar(UTC))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        # the usual shape, and what may be missing of it
        ("Oct 11 22:14:15 box su[12]: no", {"timestamp": TIME, "host": "box", "service": "su", "procid": "12", "message": "no"}),
        ("Oct 11 22:14:15 box su: no", {"timestamp": TIME, "host": "box", "service": "su", "message": "no"}),
        ("Oct 11 22:14:15 su[12]: no", {"timestamp": TIME, "service": "su", "procid": "12", "message": "no"}),
        ("Oct 11 22:14:15 su: no", {"timestamp": TIME, "service": "su", "message": "no"}),
        ("Oct 11 22:14:15 10.0.0.99 Use the BFG!", {"timestamp": TIME, "host": "10.0.0.99", "message": "Use the BFG!"}),
        ("Oct 11 22:14:15 fe80::1 su[1]:no", {"timestamp": TIME, "host": "fe80::1", "service": "su", "procid": "1", "message": "no"}),
        ("Oct 11 22:14:15 box", {"timestamp": TIME, "host": "box", "message": ""}),
        ("Oct 11 22:14:15", {"timestamp": TIME, "message": ""}),
        ("su[12]: no", {"service": "su", "procid": "12", "message": "no"}),
        ("su[12] no", {"service": "su", "procid": "12", "message": "no"}),
        ("app: no", {"service": "app", "message": "no"}),
        ("postfix/smtpd[9]: x", {"service": "postfix/smtpd", "procid": "9", "message": "x"}),
        ("plain words", {"message": "plain words"}),
        ("http://x/", {"message": "http://x/"}),
        ('{"a": 1}', {"message": '{"a": 1}'}),
        ("", {"message": ""}),
        # from the kernel, and by habit
        ("Oct 11 22:14:15 box kernel: [  1.5] usb", {"timestamp": TIME, "host": "box", "service": "kernel", "message": "[  1.5] usb"}),
        ("Oct 11 22:14:15 last message repeated 3 times", {"timestamp": TIME, "message": "last message repeated 3 times"}),
        ("Oct 11 22:14:15 box last message repeated 3 times", {"timestamp": TIME, "host": "box", "message": "last message repeated 3 times"}),
        ("Oct 11 22:14:15 box -- MARK --", {"timestamp": TIME, "host": "box", "message": "-- MARK --"}),
        # times
        ("Oct  1 22:14:15 box a: b", {"timestamp": "2026-10-01T22:14:15Z", "host": "box", "service": "a", "message": "b"}),
        ("Oct 1 22:14:15 box a: b", {"timestamp": "2026-10-01T22:14:15Z", "host": "box", "service": "a", "message": "b"}),
        ("Oct 11 22:14:15.123456 a: b", {"timestamp": "2026-10-11T22:14:15.123456Z", "service": "a", "message": "b"}),
        ("Oct 11 22:14:15,123 a: b", {"timestamp": "2026-10-11T22:14:15.123Z", "service": "a", "message": "b"}),
        ("Oct 11 2020 22:14:15 a: b", {"timestamp": "2020-10-11T22:14:15Z", "service": "a", "message": "b"}),
        ("Oct 11 22:14:15 2020 a: b", {"timestamp": "2020-10-11T22:14:15Z", "service": "a", "message": "b"}),
        ("2020 Oct 11 22:14:15 a: b", {"timestamp": "2020-10-11T22:14:15Z", "service": "a", "message": "b"}),
        ("Sun Oct 11 22:14:15 2020 a: b", {"timestamp": "2020-10-11T22:14:15Z", "service": "a", "message": "b"}),
        ("Oct 11 22:14:15 UTC box a: b", {"timestamp": TIME, "host": "box", "service": "a", "message": "b"}),
        ("Oct 11 22:14:15 +0200 a: b", {"timestamp": "2026-10-11T20:14:15Z", "service": "a", "message": "b"}),
        ("2026-10-11T22:14:15.5+02:00 box a[1]: b", {"timestamp": "2026-10-11T22:14:15.5+02:00", "host": "box", "service": "a", "procid": "1", "message": "b"}),
        ("2026-10-11T22:14:15 box a: b", {"timestamp": TIME, "host": "box", "service": "a", "message": "b"}),
        ("2026-10-11T22:14:15+0200 a: b", {"timestamp": "2026-10-11T20:14:15Z", "service": "a", "message": "b"}),
        ("2026-10-11 22:14:15,123 box a: b", {"timestamp": "2026-10-11T22:14:15.123Z", "host": "box", "service": "a", "message": "b"}),
        ("2026-10-11 22:14:15,123 something is wrong", {"timestamp": "2026-10-11T22:14:15.123Z", "message": "something is wrong"}),
        ("Feb 30 10:00:00 box a: b", {"message": "Feb 30 10:00:00 box a: b"}),
        ("Oct 11 25:14:15 box", {"message": "Oct 11 25:14:15 box"}),
        ("app: 2026-10-11 22:14:15 x", {"service": "app", "message": "2026-10-11 22:14:15 x"}),
        # Cisco
        ("29: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: by vty0", {"timestamp": "2027-03-01T18:46:11.123Z", "sequence": 29, "msgid": "SYS-5-CONFIG_I", "message": "by vty0"}),
        ("29: box: .Oct 11 22:14:15 CEST: %SYS-5-X: y", {"timestamp": TIME, "sequence": 29, "host": "box", "msgid": "SYS-5-X", "message": "y"}),
        ("000045: %SYS-5-X: y", {"sequence": 45, "msgid": "SYS-5-X", "message": "y"}),
        ("404: not found", {"service": "404", "message": "not found"}),
        ("Oct 11 2020 22:14:15: %ASA-6-302013: Built", {"timestamp": "2020-10-11T22:14:15Z", "msgid": "ASA-6-302013", "message": "Built"}),
        ("Oct 11 2020 22:14:15 fw : %ASA-6-302013: Built", {"timestamp": "2020-10-11T22:14:15Z", "host": "fw", "msgid": "ASA-6-302013", "message": "Built"}),
        ("Oct 11 22:14:15 fw: %ASA-6-302013: Built", {"timestamp": TIME, "service": "fw", "message": "%ASA-6-302013: Built"}),
        (": 2020 Oct 11 22:14:15 UTC: %ETHPORT-5-IF_UP: x", {"timestamp": "2020-10-11T22:14:15Z", "msgid": "ETHPORT-5-IF_UP", "message": "x"}),
    ],
)  # fmt: skip
def test_messages(text: str, fields: dict[str, Any]) -> None:
    found = read(f"<13>{text}")
    assert found == fields | NOTICE
    assert found is not None
    assert list(found)[-1] == "message"
    without = read(text)
    assert without == (fields if "timestamp" in fields else None), "without a priority only a time tells"


@pytest.mark.parametrize("text", ["<999>x", "<013>x", "<>x", "<13", "<13x", "x", ""])
def test_what_says_nothing_of_itself(text: str) -> None:
    assert read(text) is None


def test_a_time_without_zone_is_in_that_of_the_calendar() -> None:
    calendar = Calendar(timezone(timedelta(hours=2)))
    for stamp, time in (
        ("Oct 11 22:14:15", "2026-10-11T20:14:15Z"),
        ("2026-10-11T22:14:15", "2026-10-11T20:14:15Z"),
        ("Oct 11 22:14:15 UTC", TIME),
        ("2026-10-11T22:14:15Z", TIME),
    ):
        found = parse(f"<13>{stamp} a: b", RECEIVED, calendar)
        assert found is not None
        assert found["timestamp"] == time


@pytest.mark.parametrize(
    ("sent", "received", "year"),
    [("Dec 31 23:59:58", datetime(2027, 1, 1, 0, 0, 3, tzinfo=UTC), 2026), ("Jan  1 00:00:01", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 2027)],
)  # fmt: skip
def test_around_new_year(sent: str, received: datetime, year: int) -> None:
    found = parse(f"<13>{sent} a: b", received.timestamp(), Calendar(UTC))
    assert found is not None
    assert found["timestamp"].startswith(str(year))
