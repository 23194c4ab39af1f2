"""Times as logs write them, as RFC 3339 in UTC.

    2026-11-25T10:00:00.123Z    2026-11-25 10:00:00,123 +0100    20261125T100000Z    2026-11-25T10:00:00+01:00[Europe/Berlin]
    2026/11/25 10:00:00         20261125-10:00:00:123            2026-11-25 10:00:00.123 +0000 UTC
    25/Nov/2026:10:00:00 +0100  Wed, 25 Nov 2026 10:00:00 GMT    25-Nov-2026 10:00:00
    Nov 25 10:00:00             Wed Nov 25 10:00:00 CET 2026     Nov 25, 2026 10:00:00 AM
    1764064800                  1764064800.123                   1764064800123 and finer, as numbers or text

The fraction is carried over digit by digit. What can be read in two ways, such as 03/04/2026, takes a format.
"""

import re
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Any, Final

from penstock.parsing.epoch import from_epoch
from penstock.parsing.formats import Format
from penstock.parsing.instants import LENGTH, MOST_DIGITS, Bounded, Seconds, hour_of, second_of, with_fraction
from penstock.parsing.zones import read_zone
from penstock.syslog.stamps import MONTH, MONTHS

_LONGEST: Final = 64
"""Characters; no time is longer."""
_FRACTION: Final = re.compile(
    r"(?:(?<=:[0-9]{2}:[0-9]{2})[.,]|(?<=[T -][0-9]{2}:[0-9]{2}:[0-9]{2}):|(?<=[T -][0-9]{6})[.,])([0-9]{1,30})(?![0-9])"
)
_DATED: Final = re.compile(
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(Z|[ ]?[+-][0-9]{2}:?[0-9]{2}|)"
)
_MANY: Final = 4
"""So many digits of a second hardly come again."""
_NOT_YET: Final = ("", "?")
_CLOCK: Final = r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?(?:[ ]?(?P<half>[AaPp])\.?[Mm]\.?)?"
_COMPACT: Final = r"(?P<h>[0-9]{2}):?(?P<m>[0-9]{2}):?(?P<s>[0-9]{2})(?P<half>)"
_ZONE: Final = (
    r"(?:[ ]?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Z]{2,5}))?"
    r"(?:[ ]?\[[A-Za-z_/+-]+\]|[ ]\(?[A-Z]{3,5}\)?)?(?:[ ]m=[+-][0-9.]+)?"
)
_WEEKDAY: Final = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?[ ]+)?"
_NAMED: Final = rf"(?P<name>{MONTH})[a-z]{{0,6}}"
_YEAR: Final = r"(?P<y>[0-9]{4})"
_SHAPES: Final = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        rf"{_YEAR}[-/.](?P<mo>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}})(?:[Tt_:]|[ ]+){_CLOCK}{_ZONE}",
        rf"{_YEAR}(?P<mo>[0-9]{{2}})(?P<d>[0-9]{{2}})[T -]{_COMPACT}{_ZONE}",
        rf"{_WEEKDAY}(?P<d>[0-9]{{1,2}})[-/. ]{_NAMED}[-/. ]{_YEAR}(?:[Tt:]|,?[ ]+){_CLOCK}{_ZONE}",
        rf"{_WEEKDAY}{_NAMED}[ ]+(?P<d>[0-9]{{1,2}})(?:,?[ ]+{_YEAR})?,?[ ]+{_CLOCK}{_ZONE}(?:[ ](?P<late>[0-9]{{4}}))?",
    )
)


class Timestamps:
    """Reads times; one that says no zone is in `zone`. With `formats`, only those are tried, in order."""

    def __init__(self, zone: tzinfo = UTC, formats: Sequence[str] = ()) -> None:
        """Raises `ValueError` for a format that cannot be read, and says where."""
        self._zone = zone
        self._formats = [Format(text, zone) for text in formats]
        self._seconds = Seconds(self._read)
        """By text without fraction."""
        # Most times begin with date and time of day in 19 characters. Neighbours share these, and three digits come
        # again, too: two looks are all that such a time takes.
        self._dates: Bounded[str, str] = Bounded()
        """By these 19 and the zone, the second in UTC."""
        self._rests: Bounded[str, tuple[str, str]] = Bounded()
        """By what stands behind the 19, the fraction to write; and the zone as it was written."""

    def normalise(self, value: Any, received: float) -> str | None:
        """RFC 3339 in UTC; none for what is no time. `received` is in seconds since the epoch, for the year."""
        if type(value) is not str:
            if isinstance(value, bool) or not isinstance(value, int | float) or self._formats:
                return None
            return from_epoch(value)
        if self._formats:
            return self._by_format(value, received)
        fraction, zone = self._rests.get(value[LENGTH:], _NOT_YET)
        second = self._dates.get(value[:LENGTH] + zone)
        if second is not None:
            return second + fraction
        return self._of_text(value, received)

    def _of_text(self, text: str, received: float) -> str | None:
        if text in self._seconds.known and (second := self._seconds.of(text, received)) is not None:
            return f"{second}Z"
        made = self._by_date(text)
        if made is None:
            made = self._of_any(text, received)
            if made is not None and (dated := _DATED.fullmatch(text)):
                self._dates[text[:LENGTH] + dated[1]] = made[:LENGTH]
        return made

    def _by_date(self, text: str) -> str | None:
        """The time, where its date and time of day were met lately."""
        zone, digits = text[LENGTH:], ""
        if zone[:1] in (".", ","):
            digits = zone[1:]
            zone = digits.lstrip("0123456789")
            digits = digits[: len(digits) - len(zone)]
            if not 0 < len(digits) <= MOST_DIGITS:
                return None
        second = self._dates.get(text[:LENGTH] + zone)
        if second is None:
            return None
        fraction = f".{digits}Z" if digits else "Z"
        if len(digits) < _MANY:
            self._rests[text[LENGTH:]] = (fraction, zone)
        return second + fraction

    def _of_any(self, text: str, received: float) -> str | None:
        if len(text) > _LONGEST:
            return None
        if text[:1] == "[" and text[-1:] == "]":
            text = text[1:-1]
        text = text.strip()
        if text[:1].isdecimal() and (text.isdecimal() or text.replace(".", "", 1).isdecimal()):
            return from_epoch(text)
        fraction = _FRACTION.search(text)
        digits = ""
        if fraction is not None:
            digits, text = fraction[1], text[: fraction.start()] + text[fraction.end() :]
        second = self._seconds.of(text, received)
        return None if second is None else with_fraction(second, digits)

    def _read(self, text: str, received: float) -> str | None:
        for shape in _SHAPES:
            found = shape.fullmatch(text)
            if found is not None:
                return self._put_together(found.groupdict(), received)
        return None

    def _put_together(self, part: dict[str, str | None], received: float) -> str | None:
        zone = read_zone(part["zone"]) if part["zone"] else self._zone
        if zone is None:
            return None
        year = part["y"] or part.get("late")
        name = part.get("name")
        month = MONTHS[name] if name else int(part["mo"] or 0)
        hour = hour_of(int(part["h"] or 0), part["half"] or "")
        clock = (hour, int(part["m"] or 0), int(part["s"] or 0))
        return second_of(int(year) if year else None, month, int(part["d"] or 0), clock, zone, received)

    def _by_format(self, text: str, received: float) -> str | None:
        for form in self._formats:
            made = form.read(text, received)
            if made is not None:
                return made
        return None


def normalise(value: Any, received: float, *, zone: tzinfo = UTC) -> str | None:
    """What `Timestamps` of that zone makes of it."""
    return _of_zone(zone).normalise(value, received)


@lru_cache(maxsize=16)
def _of_zone(zone: tzinfo) -> Timestamps:
    return Timestamps(zone)
