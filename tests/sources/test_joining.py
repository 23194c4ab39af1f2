"""Lines of streams joined: bounds, silence, and what is held when it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.base import SourceStats
from penstock.sources.framing import COUNTED_BITE, Limit, NewlineFramer
from penstock.sources.grouping import Rule, Starts, Traces
from penstock.sources.joining import Joiner, Joining, JoiningFramer, Silence
from penstock.sources.traces import LANGUAGES, Name
from penstock.testing import ManualClock
from tests.sources.trace_examples import PLAIN, TRACES

DIGIT = Starts(r"^\d")


def one_line(message: bytes) -> bytes:
    return message.replace(b"\n", b"|") + b"\n"


def joiner(rule: Rule = DIGIT, max_lines: int = 1000, max_bytes: int = 2**18) -> Joiner:
    return Joining(rule, 1.0, max_lines, max_bytes).joiner(one_line)


class Ended:
    """Streams that were silent, with what they held."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.rests: list[bytes] = []
        self.silence = Silence(self.clock, 1.0, lambda framer: self.rests.append(framer.rest()))

    def framer(self, rule: Rule = DIGIT) -> JoiningFramer:
        limit = Limit(1000, "cut", SourceStats())
        return JoiningFramer(NewlineFramer(limit), joiner(rule), self.silence)


@pytest.fixture
def ended() -> Ended:
    return Ended()


def fed(framer: JoiningFramer, data: bytes) -> bytes:
    return framer.feed(data, len(data))


def test_an_event_is_held_until_the_next_begins() -> None:
    events = joiner()
    assert events.feed(b"1 a\n b\n") == b""
    assert events.held == len(b"1 a\n b\n")
    assert events.feed(b" c\n2\n") == b"1 a| b| c\n"
    assert events.held == 2
    assert events.flush() == b"2\n"
    assert (events.held, events.flush()) == (0, b"")


@pytest.mark.parametrize(
    ("max_lines", "max_bytes", "out"),
    [(3, 1000, b"1|a|b\nc|d|e\nf\n"), (1000, 4, b"1|a\nb|c\nd|e\nf\n"), (2, 1000, b"1|a\nb|c\nd|e\nf\n")],
)
def test_an_event_is_bounded_and_nothing_is_lost(max_lines: int, max_bytes: int, out: bytes) -> None:
    for step in (2, 4, 14):
        events = joiner(max_lines=max_lines, max_bytes=max_bytes)
        data = b"1\na\nb\nc\nd\ne\nf\n"
        pieces = [data[at : at + step] for at in range(0, len(data), step)]
        came = b"".join(map(events.feed, pieces))
        assert events.held <= max_bytes
        assert came + events.flush() == out


def test_lines_beyond_a_bound_still_belong_to_the_trace() -> None:
    events = joiner(Traces(["java"]), max_lines=3)
    frames = b"".join(b"\tat a.b(C.java:%d)\n" % number for number in range(4))
    out = events.feed(b"java.lang.Error: x\n" + frames + b"next\n") + events.flush()
    assert [line.count(b"|") + 1 for line in out.splitlines()] == [3, 2, 1]


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_cut_at_every_byte(name: Name, ending: str, ended: Ended) -> None:
    rule = Traces([name])
    text = (PLAIN + "".join(trace + "next\n" for trace in TRACES[name])).replace("|", "/")
    data = text.replace("\n", ending).encode()
    whole = ended.framer(rule)
    expected = fed(whole, data) + whole.end()
    for at in range(len(data)):
        framer = ended.framer(rule)
        assert fed(framer, data[:at]) + fed(framer, data[at:]) + framer.end() == expected
    framer = ended.framer(rule)
    assert b"".join(fed(framer, data[at : at + 1]) for at in range(len(data))) + framer.end() == expected
    assert expected.replace(b"|", b"\n").splitlines() == text.encode().splitlines()


@given(st.lists(st.sampled_from(["1", "1 x", " y", "", '{"a":1}', "z\r"]), max_size=20), st.integers(1, 5))
def test_joined_text_split_again_gives_the_lines(lines: list[str], step: int) -> None:
    events = joiner()
    blocks = ["".join(f"{line}\n" for line in lines[at : at + step]) for at in range(0, len(lines), step)]
    out = b"".join(events.feed(block.encode()) for block in blocks) + events.flush()
    assert [line.rstrip() for line in out.decode().replace("|", "\n").split("\n")[:-1]] == [
        line.rstrip() for line in lines
    ]


async def test_silence_ends_an_event(ended: Ended) -> None:
    framer = ended.framer()
    assert fed(framer, b"1\na\n") == b""
    await ended.clock.advance(0.9)
    assert fed(framer, b"b\n") == b""
    await ended.clock.advance(0.9)
    assert (ended.rests, framer.held) == ([], 6)
    await ended.clock.advance(0.2)
    assert (ended.rests, framer.held) == ([b"1|a|b\n"], 0)
    assert fed(framer, b"c\n") == b""  # what comes late is an event of its own
    await ended.clock.advance(1.1)
    assert ended.rests == [b"1|a|b\n", b"c\n"]
    assert ended.clock.next_due() is None


async def test_a_line_under_way_is_no_silence(ended: Ended) -> None:
    framer = ended.framer()
    fed(framer, b"1\n")
    for _ in range(3):
        await ended.clock.advance(0.9)
        fed(framer, b" x")
    assert (ended.rests, fed(framer, b"\n2\n")) == ([], b"1| x x x\n")


async def test_each_stream_is_silent_by_itself(ended: Ended) -> None:
    first, second = ended.framer(), ended.framer()
    fed(first, b"1\n")
    await ended.clock.advance(0.6)
    fed(second, b"2\n")
    assert fed(first, b" of the first\n") == fed(second, b" of the second\n") == b""
    await ended.clock.advance(0.6)
    fed(second, b" more\n")
    await ended.clock.advance(0.5)
    assert ended.rests == [b"1| of the first\n"]
    await ended.clock.advance(0.6)
    assert ended.rests[1:] == [b"2| of the second| more\n"]


async def test_who_has_ended_is_not_waited_for(ended: Ended) -> None:
    framer = ended.framer()
    fed(framer, b"1\n a")
    assert framer.end() == b"1| a\n"
    assert ended.clock.next_due() is None
    assert framer.bite == COUNTED_BITE


def test_what_is_given_up_goes_out_with_what_is_held(ended: Ended) -> None:
    framer = ended.framer()
    fed(framer, b"1\n a\n long")
    assert framer.give_up() == "1| a| long…[cut]\n".encode()
    assert framer.held == 0
    assert fed(framer, b" rest\n2\n") == b""
    assert framer.end() == b"2\n"
