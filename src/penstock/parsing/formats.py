"""Times by a format, in the codes of strftime: `%d/%m/%Y %H:%M:%S,%f`.

    %Y %y           year of four or two digits (69 to 99 are of the last century)
    %m %d %e %j     month, day, day with a blank before it, day of the year
    %b %B %h %a %A  month and weekday by their English names, short or long
    %H %I %p        hour on 24, on 12, and AM or PM
    %M %S %f        minute, second, and the digits behind the second (as many as there are)
    %z %Z           offset of the zone, or its abbreviation
    %s              seconds since the epoch, with digits behind the point or without
    %F %T %R %D     %Y-%m-%d, %H:%M:%S, %H:%M, %m/%d/%y
    %%              a percent sign

A blank stands for one or more. Without a year it is the nearest, without a time of day it is midnight.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from penstock.parsing.instants import Seconds, hour_of, second_of, with_fraction
from penstock.parsing.zones import read_zone
from penstock.syslog.stamps import MONTH, MONTHS

_CODES: Final = {
    "Y": r"(?P<Y>[0-9]{4})", "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})", "d": r"(?P<d>[0-9]{1,2})", "e": r" ?(?P<d>[0-9]{1,2})", "j": r"(?P<j>[0-9]{1,3})",
    **dict.fromkeys("bBh", rf"(?P<b>{MONTH})[a-z]{{0,6}}"),
    **dict.fromkeys("aA", r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"),
    "H": r"(?P<H>[0-9]{1,2})", "I": r"(?P<I>[0-9]{1,2})", "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "M": r"(?P<M>[0-9]{2})", "S": r"(?P<S>[0-9]{2})", "f": r"(?P<f>[0-9]{1,30})",
    "z": r"(?P<z>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)", "Z": r"(?P<z>[A-Za-z]{1,5})",
    "s": r"(?P<s>[0-9]{1,19}(?:\.[0-9]{1,30})?)",
    "%": "%",
}  # fmt: skip
_LONGHAND: Final = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_PART: Final = re.compile(r"%(.?)|([ \t]+)|([^% \t]+)", re.DOTALL)
_GROUP: Final = re.compile(r"\?P<(\w)>")
_LONGEST: Final = 256

Parts = tuple[str | None, ...]
_ORDER: Final = "YymdjbHIpMSz"


class Format:
    """One format; times without a zone are in `zone`."""

    def __init__(self, text: str, zone: tzinfo = UTC) -> None:
        """Raises `ValueError` and says where."""
        self.text = text
        self._zone = zone
        self._pattern = re.compile(_pattern_of(text), re.ASCII)
        groups = self._pattern.groupindex
        _check(text, set(groups))
        self._epoch = "s" in groups
        self._names = [name if name in groups else "" for name in _ORDER]
        self._seconds: Seconds[Parts] = Seconds(self._second)

    def read(self, text: str, received: float) -> str | None:
        """RFC 3339 in UTC; none where the text has another form. `received` is in seconds since the epoch."""
        found = self._pattern.fullmatch(text.strip()) if len(text) <= _LONGEST else None
        if found is None:
            return None
        if self._epoch:
            return from_epoch_seconds(found["s"])
        second = self._seconds.of(tuple([found[name] if name else None for name in self._names]), received)
        fraction = found["f"] if "f" in self._pattern.groupindex else ""
        return None if second is None else with_fraction(second, fraction)

    def _second(self, parts: Parts, received: float) -> str | None:
        part = dict(zip(_ORDER, parts, strict=True))
        zone = read_zone(part["z"]) if part["z"] else self._zone
        year = int(part["Y"]) if part["Y"] else None
        if part["y"]:
            year = int(part["y"]) + (1900 if int(part["y"]) > 68 else 2000)
        month, day = int(part["m"] or 0), int(part["d"] or 0)
        if part["b"]:
            month = MONTHS[part["b"]]
        if part["j"]:
            found = _day_of_year(year or datetime.fromtimestamp(received, UTC).year, int(part["j"]))
            year, month, day = (found.year, found.month, found.day) if found else (0, 0, 0)
        hour = hour_of(int(part["I"]), part["p"] or "") if part["I"] else int(part["H"] or 0)
        clock = (hour, int(part["M"] or 0), int(part["S"] or 0))
        return second_of(year, month, day, clock, zone, received) if zone else None


def from_epoch_seconds(text: str) -> str | None:
    """Whatever its size, it is seconds."""
    whole, _, digits = text.partition(".")
    if int(whole) >= 10**11:
        return None
    try:
        second = datetime.fromtimestamp(int(whole), UTC).isoformat()[:19]
    except (ValueError, OverflowError):
        return None
    return with_fraction(second, digits)


def _day_of_year(year: int, number: int) -> date | None:
    try:
        found = date.fromordinal(date(year, 1, 1).toordinal() + number - 1)
    except (ValueError, OverflowError):
        return None
    return found if number and found.year == year else None


def _pattern_of(text: str) -> str:
    whole = text
    for code, meant in _LONGHAND.items():
        whole = re.sub(rf"(?<!%)((?:%%)*)%{code}", rf"\g<1>{meant}", whole)
    made: list[str] = []
    seen: set[str] = set()
    for code, blank, plain in _PART.findall(whole):
        if blank:
            made.append(" +")
        elif plain:
            made.append(re.escape(plain))
        else:
            if code not in _CODES:
                raise ValueError(
                    f"%{code} in the format {text!r} is not known: take %Y %m %d %b %H %I %p %M %S %f %z %Z %j %s"
                )
            named = set(_GROUP.findall(_CODES[code]))
            if named & seen:
                raise ValueError(
                    f"%{code} stands twice in the format {text!r}, or beside another that says the same"
                )
            seen |= named
            made.append(_CODES[code])
    return "".join(made)


def _check(text: str, said: set[str]) -> None:
    """What a format has to say to be a time."""
    if "s" in said:
        return
    dated = "j" in said or ({"d"} <= said and ("m" in said or "b" in said))
    if not dated:
        raise ValueError(f"the format {text!r} says no day: it needs %d with %m or %b, or %j, or %s")
    for one, other in (("p", "I"), ("I", "p"), ("f", "S"), ("S", "M")):
        if one in said and other not in said:
            raise ValueError(f"the format {text!r} has %{one} without %{other}")
    for one, other in (("H", "I"), ("m", "b"), ("Y", "y"), ("j", "m"), ("j", "b")):
        if one in said and other in said:
            raise ValueError(f"the format {text!r} has both %{one} and %{other}: leave one out")
