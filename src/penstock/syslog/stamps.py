"""When a message says that it was sent, as RFC 3339. A time without a zone is given in UTC.

Old syslog writes `Oct 11 22:14:15`: no year, no zone. The year is the one that brings it nearest to the time of
receipt, so that what was sent shortly before midnight of 31 December and came after it is not a year off.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

_DAYS: Final = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP: Final = r"(?:[0-9][0-9](?:[2468][048]|[13579][26]|0[48])|(?:[02468][048]|[13579][26])00)-02-29"
CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
"""A time of day."""
RFC3339: Final = (
    rf"(?:[0-9]{{4}}-{_DAYS}|{_LEAP})T{CLOCK}(?:\.[0-9]{{1,9}})?+(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""A time that is taken as it stands: RFC 5424, 6.2.3, with up to nine digits of a second, as some send."""
MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
MONTH: Final = "|".join(MONTHS)

_DAY: Final = 86400
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")
_MOST_KNOWN: Final = 2048
"""Minutes that are remembered: a day and more."""


class Calendar:
    """Reads times that do not say all. `zone` none: that of this machine.

    Neighbouring messages share their minute, so that is worked out once.
    """

    def __init__(self, zone: tzinfo | None = UTC) -> None:
        self._zone = zone
        self._day = -1
        self._minutes: dict[tuple[int | None, int, int, str, tzinfo | None], str] = {}

    def minute(
        self, year: int | None, month: int, day: int, clock: str, zone: tzinfo | None, received: float
    ) -> str:
        """A minute in UTC, as `2026-10-11T22:14`; empty where there is no such day.

        `clock` is `22:14`, in `zone` or in that of the calendar. `received` is in seconds since the epoch; it gives
        the year where there is none.
        """
        today = int(received // _DAY)
        if today != self._day or len(self._minutes) > _MOST_KNOWN:
            self._day = today
            self._minutes.clear()
        key = (year, month, day, clock, zone)
        found = self._minutes.get(key)
        if found is None:
            found = self._minutes[key] = self._minute(*key, received)
        return found

    def _minute(
        self, year: int | None, month: int, day: int, clock: str, zone: tzinfo | None, received: float
    ) -> str:
        if year is None:
            year = nearest_year(month, day, received)
        try:
            there = datetime(year, month, day, int(clock[:2]), int(clock[3:]))  # noqa: DTZ001 - with no zone below, this machine's
            return there.replace(tzinfo=zone or self._zone).astimezone(UTC).isoformat()[:16]
        except (ValueError, OverflowError):
            return ""


def stamp_of(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds, of seconds since the epoch."""
    return (
        datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    )


def nearest_year(month: int, day: int, received: float) -> int:
    """In which year that day is nearest to the one of receipt, in seconds since the epoch.

    0 where neither that year nor its neighbours have such a day.
    """
    today = date.fromordinal(719_163 + int(received // _DAY))  # 1970-01-01
    near: list[tuple[timedelta, int]] = []
    for year in (today.year, today.year - 1, today.year + 1):
        try:
            near.append((abs(date(year, month, day) - today), year))
        except ValueError:
            continue
    return min(near)[1] if near else 0


def zone_of(text: str | None) -> tzinfo | None:
    """`Z`, `UTC`, `+02:00` or `+0200` as a zone; none for what says nothing."""
    if not text:
        return None
    offset = _OFFSET.fullmatch(text)
    if offset is None:
        return UTC if text in ("Z", "UTC", "GMT") else None
    minutes = int(offset[2]) * 60 + int(offset[3])
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes)) if minutes < 1440 else None
