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
from penstock.syslog.structured import flat

_LOOKS_MODERN: Final = re.compile(r"<[0-9]{1,3}>1 ")
_ENCODER: Final = msgspec.json.Encoder()


class Columns:
    """Takes blocks of messages apart; `unfold` first sees each line that is not of a usual shape.

    `flatten`: structured data as fields of their own, `sd.ID.NAME`. `keep_raw`: the message as it came, as `raw`.
    """

    def __init__(
        self,
        calendar: Calendar,
        unfold: Callable[[str], str],
        *,
        flatten: bool = False,
        keep_raw: bool = False,
    ) -> None:
        self._calendar = calendar
        self._unfold = unfold
        self._flatten = flatten
        self._keep_raw = keep_raw
        self._passes: tuple[Pass, Pass] = (Modern(flatten=flatten), Legacy(calendar))

    def events(self, text: str, received: float) -> tuple[bytes, int, int]:
        r"""NDJSON, how many events that is, and of how many nothing said that they are syslog.

        `text` is messages, each ending in `\n`; blank ones give nothing. One that is no syslog is the `message` of
        its event, marked by `"unparsed": "syslog"`. `received` is in seconds since the epoch: the time of messages that have none.
        """
        if "\r" in text or "\0" in text:
            text = "\n".join([line.rstrip("\r\0") for line in text.split("\n")])
        first, second = self._passes if _LOOKS_MODERN.match(text) else self._passes[::-1]
        made: list[Event | dict[str, Any] | None] = [*first(text, received)]
        if None not in made and not self._keep_raw:
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
        data = _ENCODER.encode_lines([event for event in made if event])
        if self._keep_raw:
            data = _with_raw(
                data, [self._unfold(line) for line, event in zip(lines, made, strict=True) if event]
            )
        return data, len(made) - made.count(None), unknown

    def _alone(self, message: str, received: float, now: str) -> tuple[dict[str, Any] | None, bool]:
        """The event of one message, none where it is blank; and whether anything says that it is syslog."""
        fields = parse(message, received, self._calendar)
        if fields is not None:
            if self._flatten and (elements := fields.pop("structured_data", None)):
                text = fields.pop("message")
                fields |= {**flat(elements), "message": text}
            return {"timestamp": now} | fields, True
        text = message.rstrip(ENDS).removeprefix(BOM)
        if not text.strip(BLANKS):
            return None, False
        return {"timestamp": now, "unparsed": "syslog", "message": text}, False


def _with_raw(data: bytes, lines: list[str]) -> bytes:
    """Each event with the message that it was made of."""
    texts = _ENCODER.encode_lines(lines).split(b"\n")
    events = data.split(b"\n")
    events[:-1] = [
        b'%b,"raw":%b}' % (event[:-1], text) for event, text in zip(events, texts, strict=True) if event
    ]
    return b"\n".join(events)
