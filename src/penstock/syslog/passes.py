"""One shape of message each: a pattern goes over the whole text once, and what it finds is put together by column.

What stands in a column is looked up where it comes again and again (priorities and names), taken as it is where the
pattern vouches for it (times), and escaped when all is encoded (messages). A pattern takes only what
`message.parse` would read the same way.
"""

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec

from penstock.syslog import rfc3164, rfc5424, structured
from penstock.syslog.priority import PATTERN, PRIORITIES
from penstock.syslog.stamps import MONTH, MONTHS, RFC3339, Calendar, stamp_of

_MODERN: Final = re.compile(
    rf"^(?:<({PATTERN})>1 (-|{RFC3339}) ([!-~]++ [!-~]++ [!-~]++ [!-~]++) (-|{structured.EXTENT})"
    r"(?: \ufeff?(.*))?$|.+)",
    re.MULTILINE,
)
_LEGACY: Final = re.compile(
    rf"^(?:<({PATTERN})>"
    rf"(?:((?:{MONTH}) [ 0-3][0-9] (?:[01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9](?:\.[0-9]{{1,9}})?+)|({RFC3339})) "
    r"(?!(?:(?:19|20)[0-9]{2}|UTC|GMT|Z|[+-][0-9]{2}:?[0-9]{2})[ :]|[A-Z]{2,5}: %)"
    rf"((?:{rfc3164.HOST} )?{rfc3164.TAG})(?: (.*))?$|.+)",
    re.MULTILINE,
)
_MOST_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 512
"""Characters of a header that is remembered, at most."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """As it is encoded: three times as fast as a dictionary."""

    timestamp: str
    level: msgspec.Raw
    """The level, and after it all members up to the message, as they stand in JSON."""
    message: str


class Known(dict[tuple[str, str], msgspec.Raw]):
    """What stands between time and message, by priority and header; worked out once. Empty: not for this pass."""

    def __init__(self, names: Callable[[str], dict[str, str] | None]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, key: tuple[str, str]) -> msgspec.Raw:
        priority, header = key
        names = self._names(header) if priority else None
        made = _NONE if names is None else _members({**PRIORITIES[priority], **names})
        if len(header) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[key] = made
        return made


class Structures(dict[str, bytes]):
    """The members that structured data becomes, by its text; what comes again and again is worked out once."""

    def __init__(self, *, flatten: bool) -> None:
        super().__init__()
        self._flatten = flatten

    def made(self, text: str) -> bytes:
        """Works it out."""
        elements, end = structured.parse(text)
        if end < len(text):
            made = _ODD
        else:
            fields = structured.flat(elements) if self._flatten else {"structured_data": elements}
            made = msgspec.json.encode(fields)[1:-1]
        if len(text) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[text] = made
        return made


class Pass(Protocol):
    """What the two have in common."""

    known: Known

    @abstractmethod
    def __call__(self, text: str, received: float) -> list[Event | None]:
        """For each line of `text` that is not empty its event; none where it has another shape.

        `received` is in seconds since the epoch: it gives the time of messages that have none, and the year.
        """


class Modern:
    """RFC 5424, with names in ASCII and single spaces."""

    def __init__(self, *, flatten: bool = False) -> None:
        self.known = Known(_header)
        self._structures = Structures(flatten=flatten)

    def __call__(self, text: str, received: float) -> list[Event | None]:
        found = _MODERN.findall(text)
        if not found:
            return []
        priorities, stamps, headers, structures, messages = zip(*found, strict=True)
        if "-" in stamps:
            now = stamp_of(received)
            stamps = tuple([now if stamp == "-" else stamp for stamp in stamps])
        known = self.known
        members = [known[key] for key in zip(priorities, headers, strict=True)]
        if structures.count("-") < len(structures):
            known_structures = self._structures
            members = [
                member
                if structure == "-"
                else _joined(member, known_structures.get(structure) or known_structures.made(structure))
                for member, structure in zip(members, structures, strict=True)
            ]
        return _events(stamps, members, messages)


class Legacy:
    """RFC 3164 with time and tag, and a host or none."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.known = Known(_origin)

    def __call__(self, text: str, received: float) -> list[Event | None]:
        found = _LEGACY.findall(text)
        if not found:
            return []
        priorities, minutes, seconds, stamps, origins, messages = zip(*found, strict=True)
        known = self.known
        members = [known[key] for key in zip(priorities, origins, strict=True)]
        if "" in stamps:
            times = {minute: self._minute(minute, received) for minute in set(minutes)}
            stamps = tuple(
                [
                    stamp or f"{times[minute]}{second}Z"
                    for stamp, minute, second in zip(stamps, minutes, seconds, strict=True)
                ]
            )
            if "" in times.values():  # a 30 February, or a line of another shape
                members = [
                    member if times[minute] or not minute else _NONE
                    for member, minute in zip(members, minutes, strict=True)
                ]
        return _events(stamps, members, messages)

    def _minute(self, text: str, received: float) -> str:
        """`Oct 11 22:14` as `2026-10-11T22:14`; nothing where there is no such day."""
        if not text:
            return ""
        month, day, clock = MONTHS[text[:3]], int(text[4:6]), text[7:]
        return self._calendar.minute(None, month, day, clock, None, received)


def _events(
    stamps: tuple[str, ...], members: list[msgspec.Raw], messages: tuple[str, ...]
) -> list[Event | None]:
    if _NONE in members:
        return [
            None if member is _NONE else Event(stamp, member, message)
            for stamp, member, message in zip(stamps, members, messages, strict=True)
        ]
    return list(map(Event, stamps, members, messages))


def _header(text: str) -> dict[str, str]:
    """The four names of RFC 5424."""
    return {name: value for name, value in zip(rfc5424.NAMES, text.split(" "), strict=True) if value != "-"}


def _origin(text: str) -> dict[str, str] | None:
    """Those of `HOST TAG[PID]:`."""
    names, end = rfc3164.origin_of(text, 0, hosted=True)
    return names if end == len(text) and len(names) > ("host" in names) else None


def _joined(members: msgspec.Raw, more: bytes) -> msgspec.Raw:
    return _NONE if members is _NONE or more is _ODD else msgspec.Raw(b"%b,%b" % (members, more))


def _members(fields: dict[str, Any]) -> msgspec.Raw:
    """What stands after `"level":`, which is the first of the fields."""
    return msgspec.Raw(msgspec.json.encode(fields).removeprefix(b'{"level":').removesuffix(b"}"))


_NONE: Final = msgspec.Raw(b"")
_ODD: Final = b" "
"""Structured data that is not for this pass."""
