"""A slice of a block on its way through a chain of processors.

The events stay bytes until a processor asks for more; they are decoded once for the whole chain and encoded once at its
end. Processors change events in place, or say by index what is to become of them.
"""

from array import array
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any, Final

import msgspec

from penstock.block import Block
from penstock.columns import Columns

Event = dict[str, Any]
"""A decoded event: what JSON has, and nothing else."""

_DECODER: Final = msgspec.json.Decoder(Event)
_ENCODER: Final = msgspec.json.Encoder()
_NO_JSON: Final = (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)
"""What the encoder raises."""


class Held:
    """Stands for events that wait inside a processor for what will come of them."""

    __slots__ = ()


class Events:
    """Some events in order. Indices count from 0, and change with each call that leaves events out or puts some in."""

    def __init__(self, block: Block) -> None:
        self.count = block.count
        self.arrived = block.arrived
        """When the oldest arrived, in seconds since the epoch; the same each time that the block is read."""
        self.source = block.source
        self.origins: Sequence[int] | None = None
        """Of which event of the block each has come, in ascending order; none: one of each."""
        self.held: Held | None = None
        """What has taken all events of the block; or, for events that were released, what they were part of."""
        self.held_first = 0
        """Which event of the block was the first that it took: however the block is cut, the same for all of it."""
        self.refused: dict[int, str] = {}
        """Events of the block that are for the dead letters, with the reason."""
        self.added = 0
        """Events put in, since this was last set to 0; the same for those below."""
        self.errors = 0
        self.error = ""
        """The first text that went with them."""
        self.released: list[Events] = []
        self.changed = False
        """The bytes are not those of the block any more."""
        self._block = block
        self._lines: list[bytes] | None = None
        self._rows: list[Event] | None = None
        self._stale = False  # the rows are newer than the lines
        self._data: bytes | None = None  # once sealed
        self._made = False  # by a processor: no event of the block has become one of these

    @classmethod
    def of(
        cls, rows: Sequence[Event], arrived: float, source: str = "", held: Held | None = None
    ) -> "Events":
        """Events made by a processor; `held` is what they have come of."""
        events = cls(Block(b"", 0, source, arrived))
        events.held, events.changed = held, True
        events.count = len(rows)
        events._rows, events._stale, events._made = list(rows), True, True
        return events

    def read(self) -> Sequence[Event]:
        """Each event decoded, to be looked at only.

        What cannot be decoded (a number beyond all bounds, half of a surrogate pair) is an event with the whole line
        as its `message`, and goes on as such.
        """
        if self._rows is None:
            self._rows = self._decoded()
        return self._rows

    def edit(self) -> Sequence[Event]:
        """Each event decoded, to be changed in place."""
        rows = self.read()
        self._stale = self.changed = True
        return rows

    def columns(self, columns: Columns) -> list[list[Any]]:
        """For each of those fields its values, one for each event. Cheap where nothing has been decoded yet."""
        if self._rows is None:
            return columns.read(self._as_block())
        return columns.look_up(self._rows)

    def lines(self) -> Sequence[bytes]:
        """Each event as JSON, without a newline."""
        if self._data is not None:
            return self._data.splitlines()
        if self._stale or (self._lines is None and self._rows is not None):
            assert self._rows is not None
            self._lines, self._stale = list(map(_ENCODER.encode, self._rows)), False
        elif self._lines is None:
            self._lines = self._block.lines()
        return self._lines

    def data(self) -> bytes:
        """All events as NDJSON. Before they are sealed it raises what the encoder does at what JSON has not."""
        if self._data is not None:
            return self._data
        if self._stale:
            return _ENCODER.encode_lines(self._rows or ())
        if not self.changed:
            return self._block.data
        lines = self.lines()
        return b"\n".join(lines) + b"\n" if lines else b""

    def seal(self) -> None:
        """No processor touches them any more: encodes what has changed.

        An event into which one of them put what JSON has not is refused.
        """
        if not self._stale:
            return
        try:
            self._data = self.data()
        except _NO_JSON:
            assert self._rows is not None
            reasons = {n: reason for n, row in enumerate(self._rows) if (reason := _no_json(row))}
            self.fail(len(reasons), next(iter(reasons.values())))
            if self._made:
                for index, reason in reasons.items():
                    self._rows[index] = {"message": reason}
            self.refuse(reasons)
            self._data = self.data()
        # They go at once, while the collector is off: later it would look at each of them before they go.
        self._rows, self._stale = None, False

    def keep(self, wanted: Sequence[object]) -> None:
        """One value for each event; those with a false one are left out."""
        count = sum(map(bool, wanted))
        if count == self.count:
            return
        if self._rows is None or not self._stale:
            self._lines = list(compress(self.lines(), wanted))
        if self._rows is not None:
            self._rows = list(compress(self._rows, wanted))
        self.origins = array("q", compress(self.origins or range(self.count), wanted))
        self.count, self.changed = count, True

    def replace(self, outputs: Mapping[int, Sequence[Event]]) -> None:
        """In the place of each of these events the given ones, or none."""
        if not outputs:
            return
        rows: list[Event] = []
        origins = array("q")
        old = self.read()
        for index, origin in enumerate(self.origins or range(self.count)):
            came = outputs.get(index)
            if came is None:
                rows.append(old[index])
                origins.append(origin)
            else:
                rows += came
                origins.extend([origin] * len(came))
                self.added += max(0, len(came) - 1)
        self._set(rows, origins)

    def insert(self, more: Mapping[int, Sequence[Event]]) -> None:
        """Further events behind these."""
        rows = self.read()
        self.replace({index: [rows[index], *events] for index, events in more.items()})

    def refuse(self, reasons: Mapping[int, str]) -> None:
        """Sends events to the dead letters, as they were before the chain, with all that came of them.

        Those that a processor made were nothing before: they go on.
        """
        if not reasons or self._made:
            return
        origins = self.origins or range(self.count)
        self.refused |= {origins[index]: reason for index, reason in reasons.items()}
        self.keep([origin not in self.refused for origin in origins])

    def fail(self, events: int, error: str) -> None:
        """Something went wrong with so many events; what becomes of them is said by the other calls."""
        self.errors += events
        self.error = self.error or error

    def fail_each(self, failed: Mapping[int, str]) -> None:
        """The same, where it is known which they are and why."""
        if failed:
            self.fail(len(failed), next(iter(failed.values())))

    def hold(self, held: Held) -> None:
        """Takes all events of the block: they are settled only when what comes of `held` is."""
        # What another processor has made is told within what holds it; there is no event of the block to settle for it.
        if not self._made:
            self.held, self.held_first = held, self.origins[0] if self.origins else 0
        self._set([], array("q"))

    def release(self, held: Held, rows: Sequence[Event]) -> None:
        """These came of what was held, and go on through the chain before this slice; nothing more can come of it."""
        self.released.append(Events.of(rows, self.arrived, self.source, held))
        self.added += len(rows)

    def emit(self, rows: Sequence[Event]) -> None:
        """The same for events that have come of none: a summary, when there is no event to go with."""
        if rows:
            self.release(Held(), rows)

    def _set(self, rows: list[Event], origins: "array[int]") -> None:
        self._rows, self._lines, self._stale = rows, None, True
        self.origins = origins
        self.count, self.changed = len(rows), True

    def _as_block(self) -> Block:
        if not self.changed:
            return self._block
        data = self.data()
        return Block(data, self.count, self.source, self.arrived)

    def _decoded(self) -> list[Event]:
        block = self._as_block()
        try:
            return _DECODER.decode_lines(block.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [self._event_of(line) for line in block.lines()]

    def _event_of(self, line: bytes) -> Event:
        try:
            return _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._stale = self.changed = True
            self.fail(1, "an event is no JSON that can be read; it goes on as text")
            return {"message": line.decode("utf-8", "replace")}


def _no_json(row: Event) -> str:
    """Why it cannot be written; empty where it can."""
    try:
        _ENCODER.encode(row)
    except _NO_JSON as exc:
        return f"a processor has put in what JSON does not have: {exc}"
    return ""
