"""Many messages at once, as NDJSON: what `message.parse` gives for each, at a fraction of its price.

One pass takes what has the usual shape, another what is left; and what neither takes is parsed by itself.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from penstock.syslog.message import BLANKS, ENDS, parse
from penstock.syslog.passes import Event, Legacy, Modern, Pass
from penstock.syslog.rfc5424 import BOM
from penstock.syslog.stamps import Calendar, stamp_of

_LOOKS_MODERN: Final = re.compile(r"<[0-9]{1,3}>1 ")
_ENCODER: Final = msgspec.json.Encoder()


class Columns:
    """Takes blocks of messages apart; `unfold` first sees each line that is not of a usual shape."""

    def __init__(self, calendar: Calendar, unfold: Callable[[str], str]) -> None:
        self._calendar = calendar
        self._unfold = unfold
        self._passes: tuple[Pass, Pass] = (Modern(), Legacy(calendar))

    def events(self, text: str, received: float) -> tuple[bytes, int, int]:
        r"""NDJSON, how many events that is, and of how many nothing said that they are syslog.

        `text` is messages, each ending in `\n`; blank ones give nothing. One that is no syslog is the `message` of
        its event. `received` is in seconds since the epoch: the time of messages that have none.
        """
        if "\r" in text or "\0" in text:
            text = "\n".join([line.rstrip("\r\0") for line in text.split("\n")])
        first, second = self._passes if _LOOKS_MODERN.match(text) else self._passes[::-1]
        made: list[Event | dict[str, Any] | None] = [*first(text, received)]
        if None not in made:
            return _ENCODER.encode_lines(made), len(made), 0
        lines = [line for line in text.split("\n") if line]
        odd = [index for index, event in enumerate(made) if event is None]
        now = stamp_of(received)
        unknown = 0
        for index, event in zip(odd, second("\n".join([lines[i] for i in odd]), received), strict=True):
            made[index] = event
            if event is None:
                made[index], known = self._alone(self._unfold(lines[index]), received, now)
                unknown += made[index] is not None and not known
        events = [event for event in made if event]
        return _ENCODER.encode_lines(events), len(events), unknown

    def _alone(self, message: str, received: float, now: str) -> tuple[dict[str, Any] | None, bool]:
        """The event of one message, none where it is blank; and whether anything says that it is syslog."""
        fields = parse(message, received, self._calendar)
        if fields is not None:
            return {"timestamp": now} | fields, True
        text = message.rstrip(ENDS).removeprefix(BOM)
        return ({"timestamp": now, "message": text} if text.strip(BLANKS) else None), False
