"""Lines that belong together, made one: of one connection, body or file, a block of lines at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from penstock.clock import Alarm, Clock
from penstock.sources.framing import COUNTED_BITE, Framer
from penstock.sources.grouping import Rule, States, is_guess


@dataclass(frozen=True, slots=True)
class Joining:
    """How lines of a source are joined."""

    rule: Rule
    timeout: float
    """Seconds of silence after which an event is complete."""
    max_lines: int
    max_bytes: int
    """Of one event; what is beyond begins another."""

    def joiner(self, one_line: Callable[[bytes], bytes]) -> "Joiner":
        """For a new stream. `one_line` makes a line of a message that holds newlines, and adds the newline."""
        return Joiner(self, one_line)


class Joiner:
    """Holds the lines of the event that may go on, and of no other. What it gives does not depend on how lines are fed."""

    def __init__(self, joining: Joining, one_line: Callable[[bytes], bytes]) -> None:
        self.held = 0
        """Bytes that it holds, as they came."""
        self._joining = joining
        self._rule = joining.rule
        self._one_line = one_line
        self._states: States = ()
        self._lines: list[bytes] = []
        self._guessed: list[bytes] = []  # lines that belong to these if another follows
        self._out: list[bytes] = []

    def feed(self, block: bytes) -> bytes:
        r"""The events that whole lines, each ending in `\n`, complete: as lines."""
        if not block:
            return b""
        at = 0
        for stirring in self._rule.stirring(block):
            if stirring > at:
                self._take_calm(block[at:stirring])
            end = block.find(b"\n", stirring)
            self._take(block[stirring:end])
            at = end + 1
        if at < len(block):
            self._take_calm(block[at:])
        return self._given()

    def flush(self) -> bytes:
        """What is held, as it is."""
        self._close()
        return self._given()

    def _given(self) -> bytes:
        out, self._out = self._out, []
        return b"".join(out)

    def _take_calm(self, block: bytes) -> None:
        """Lines of which only the first may belong to what was before, and only the last may go on."""
        start = 0
        if self._states:
            start = block.find(b"\n") + 1
            self._take(block[: start - 1])
        last = len(block)
        for _ in range(self._rule.before):
            last = max(start, block.rfind(b"\n", start, max(start, last - 1)) + 1)
        if last > start:
            self._close()
            self._out.append(block[start:last])
        if last < len(block):
            for line in block[last:-1].split(b"\n"):
                self._take(line)

    def _take(self, line: bytes) -> None:
        alone = line[:1] == b"{" and line.rstrip().endswith(b"}")
        if self._states:
            states = () if alone else self._rule.goes_on(self._states, line)
            if states:
                self._add(line, states)
                return
            if guessed := self._end():
                for earlier in guessed:
                    self._take(earlier)
                self._take(line)  # one of those may have begun what it belongs to
                return
        states = () if alone else self._rule.opens(line)
        if states:
            self._add(line, states)
        else:
            self._out.append(line + b"\n")

    def _add(self, line: bytes, states: States) -> None:
        self._states = states
        self._guessed.append(line)
        self.held += len(line) + 1
        if not is_guess(states):
            self._lines += self._guessed
            self._guessed = []
        lines = len(self._lines) + len(self._guessed)
        if lines >= self._joining.max_lines or self.held >= self._joining.max_bytes:
            self._lines += self._guessed  # too much to go on guessing
            self._guessed = []
            self._emit()

    def _close(self) -> None:
        """No line is to come for the event."""
        while self._states:
            for line in self._end():
                self._take(line)

    def _end(self) -> list[bytes]:
        """The event is complete; the lines that were a wrong guess, which are to be taken anew."""
        guessed, self._guessed, self._states = self._guessed, [], ()
        if not self._lines and guessed:
            self._lines.append(guessed.pop(0))
        self._emit()
        return guessed

    def _emit(self) -> None:
        lines = self._lines
        self._lines, self.held = [], 0
        if len(lines) == 1:
            self._out.append(lines[0] + b"\n")
        elif lines:
            self._out.append(self._one_line(b"\n".join([line.removesuffix(b"\r") for line in lines])))


class JoiningFramer:
    """A `Framer` that joins the lines of another."""

    def __init__(self, framer: Framer, joiner: Joiner, silence: "Silence") -> None:
        self._framer = framer
        self._joiner = joiner
        self._silence = silence

    @property
    def bite(self) -> int:
        return min(COUNTED_BITE, self._framer.bite)

    @property
    def held(self) -> int:
        return self._framer.held + self._joiner.held

    @property
    def broken(self) -> str:
        return self._framer.broken

    def feed(self, data: bytes | bytearray, size: int) -> bytes:
        lines = self._joiner.feed(self._framer.feed(data, size))
        self._silence.heard(self, waits=self._joiner.held > 0)
        return lines

    def give_up(self) -> bytes:
        return self._joiner.feed(self._framer.give_up()) + self.rest()

    def end(self) -> bytes:
        return self._joiner.feed(self._framer.end()) + self.rest()

    def rest(self) -> bytes:
        """The event that is held, complete or not."""
        self._silence.heard(self, waits=False)
        return self._joiner.flush()


class Silence:
    """Ends events of streams that have brought nothing for a while."""

    def __init__(self, clock: Clock, seconds: float, end: Callable[[JoiningFramer], None]) -> None:
        """`end` is to hand over the rest."""
        self._clock = clock
        self._seconds = seconds
        self._end = end
        self._since: dict[JoiningFramer, float] = {}  # who was heard longest ago first
        self._alarm = Alarm(clock, self._ring)

    def heard(self, framer: JoiningFramer, *, waits: bool) -> None:
        """It has brought something; whether it holds an event now."""
        self._since.pop(framer, None)
        if waits:
            self._since[framer] = self._clock.monotonic()
            if not self._alarm.is_set:
                self._set_alarm()
        elif not self._since and self._alarm.is_set:
            self._alarm.set(None)

    def _ring(self) -> None:
        now = self._clock.monotonic()
        for framer, since in list(self._since.items()):
            if since + self._seconds > now:
                break
            self._end(framer)
        self._set_alarm()

    def _set_alarm(self) -> None:
        first = next(iter(self._since.values()), None)
        self._alarm.set(None if first is None else first + self._seconds)
