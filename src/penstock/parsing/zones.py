"""Time zones, by what stands behind a time or in the configuration."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from penstock.syslog.stamps import zone_of as offset_of

_HOURS: Final = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
}  # fmt: skip
"""Abbreviations of one meaning: those of RFC 2822, 4.3, and of Europe. Others (IST, BST) have several."""
ABBREVIATED: Final = {
    **dict.fromkeys(("Z", "z", "UTC", "GMT", "UT"), UTC),
    **{name: timezone(timedelta(hours=hours)) for name, hours in _HOURS.items()},
}
_SHORT: Final = re.compile(r"[+-][0-9]{2}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")


def read_zone(text: str) -> tzinfo | None:
    """`Z`, `+02:00`, `+0200`, `+02` or `CET`; none for what is not known.

    Names such as `Europe/Berlin` are for the configuration: looking one up goes to the disk.
    """
    known = ABBREVIATED.get(text)
    if known is not None:
        return known
    return offset_of(text + "00" if _SHORT.fullmatch(text) else text)


def zone_named(text: str) -> tzinfo:
    """The zone that a configuration names; `ValueError` says how to write one."""
    found = read_zone(text) or (_by_name(text) if _NAME.fullmatch(text) else None)
    if found is None:
        raise ValueError(
            f"{text!r} is not a known time zone: write UTC, an offset such as +02:00, or a name such as Europe/Berlin"
        )
    return found


def _by_name(text: str) -> tzinfo | None:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # not in the database, not a name of it, one of its folders
        return None
