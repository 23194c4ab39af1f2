from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from penstock.processors.time_range import time_range

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("begin", "end", "at", "inside"),
    [
        ("08:00", "18:00", "2026-11-25T07:00:00Z", True),
        ("08:00", "18:00", "2026-11-25T06:59:59Z", False),
        ("08:00", "18:00", "2026-11-25T17:00:00Z", False),
        ("08:00", "18:00", "2026-07-25T06:00:00Z", True),
        ("22:00", "06:00", "2026-11-25T22:00:00Z", True),
        ("22:00", "06:00", "2026-11-25T04:59:59Z", True),
        ("22:00", "06:00", "2026-11-25T05:00:00Z", False),
        ("12:00:30", None, "2026-11-25T11:00:29Z", False),
        ("12:00:30", None, "2026-11-25T11:00:30Z", True),
        (None, "24:00", "2026-11-25T22:59:59Z", True),
        ("2026-11-25T00:00:00Z", None, "2026-11-24T23:59:59Z", False),
        ("2026-11-25T00:00:00Z", "2026-11-26T00:00:00+00:00", "2026-11-25T00:00:00Z", True),
        ("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z", "2026-11-26T00:00:00Z", False),
        ("2026-11-25T00:00:00Z", "12:00", "2026-11-25T11:30:00Z", False),
        ("2026-11-25T00:00:00Z", "12:00", "2026-11-27T10:30:00Z", True),
    ],
)
def test_ranges(begin: str | None, end: str | None, at: str, inside: bool) -> None:
    holds = time_range(begin, end, BERLIN)
    assert holds is not None
    assert holds(datetime.fromisoformat(at).timestamp()) == inside


def test_none_where_all_is_in_it() -> None:
    assert time_range(None, None, BERLIN) is None


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        ("soon", None, "write it as 08:00"),
        ("25:00", None, "write it as 08:00"),
        ("2026-11-25T00:00:00", None, "no time zone"),
        ("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z", "ends before it begins"),
    ],
)
def test_others_are_told(begin: str, end: str | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        time_range(begin, end, BERLIN)
