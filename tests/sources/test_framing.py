from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.base import SourceStats
from penstock.sources.framing import MARK, Framer, Framing, Limit, framer_for

WIDE = 1000


def framer(
    framing: Framing, max_line: int = WIDE, long_lines: Literal["cut", "drop"] = "cut"
) -> tuple[Framer, SourceStats]:
    stats = SourceStats()
    return framer_for(
        framing, Limit(max_line, long_lines, stats), lambda m: m.replace(b"\n", b"|") + b"\n"
    ), stats


def feed(subject: Framer, *chunks: bytes) -> bytes:
    return b"".join([subject.feed(bytearray(chunk + b"rubbish\n"), len(chunk)) for chunk in chunks])


def chunked(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in pairwise(places)]


def counted(message: bytes) -> bytes:
    return b"%d %s" % (len(message), message)


texts = st.text(alphabet="ab 19é😀\r", max_size=30).map(str.encode) | st.binary(max_size=30).map(
    lambda b: b.replace(b"\n", b"_")
)


@given(st.lists(texts, max_size=8), texts, st.lists(st.integers(0, 500), max_size=20))
def test_newline_any_chunking_gives_each_line_once(lines: list[bytes], last: bytes, cuts: list[int]) -> None:
    stream = b"".join([line + b"\n" for line in lines]) + last
    subject, _ = framer("newline")
    got = feed(subject, *chunked(stream, cuts))
    assert got == b"".join([line + b"\n" for line in lines])
    assert subject.held == len(last)
    assert subject.end() == (last + b"\n" if last else b"")
    assert subject.end() == b""


@given(
    st.lists(st.binary(min_size=1, max_size=30), max_size=8),
    st.lists(st.integers(0, 500), max_size=20),
    st.sampled_from(["octet_counting", "auto"]),
    st.booleans(),
)
def test_counted_any_chunking_gives_each_message_as_one_line(
    messages: list[bytes], cuts: list[int], framing: Framing, extra_newline: bool
) -> None:
    stream = b"".join([counted(message) + b"\n" * extra_newline for message in messages])
    subject, stats = framer(framing)
    got = feed(subject, *chunked(stream, cuts))
    assert got == b"".join([m.rstrip(b"\r\n").replace(b"\n", b"|") + b"\n" for m in messages])
    assert (subject.broken, subject.end(), subject.held, stats.truncated) == ("", b"", 0, 0)


@pytest.mark.parametrize("framing", ["newline", "octet_counting", "auto"])
@pytest.mark.parametrize("long_lines", ["cut", "drop"])
@given(
    st.lists(
        st.binary(min_size=1, max_size=80) | st.text("é😀", min_size=1, max_size=40).map(str.encode),
        max_size=8,
    ),
    st.lists(st.integers(0, 800), max_size=20),
)
def test_long_lines_any_chunking_gives_the_same(
    framing: Framing, long_lines: Literal["cut", "drop"], lines: list[bytes], cuts: list[int]
) -> None:
    limit = 20
    if framing == "newline":
        lines = [line.replace(b"\n", b"_") for line in lines]
        stream = b"".join([line + b"\n" for line in lines])
    else:
        lines = [line.replace(b"\n", b"_").replace(b"\r", b"_") for line in lines]
        stream = b"".join([counted(line) for line in lines])
    wanted = []
    for line in lines:
        if len(line) <= limit:
            wanted.append(line)
        elif long_lines == "cut":
            kept = limit - len(MARK)
            while kept > limit - len(MARK) - 3 and line[kept] & 0xC0 == 0x80:
                kept -= 1
            wanted.append(line[:kept] + MARK)
    subject, stats = framer(framing, limit, long_lines)
    got = feed(subject, *chunked(stream, cuts)) + subject.end()
    assert got == b"".join([line + b"\n" for line in wanted])
    long = sum(len(line) > limit for line in lines)
    assert (stats.truncated, stats.discarded) == ((long, 0) if long_lines == "cut" else (0, long))


@given(
    st.binary(max_size=200),
    st.lists(st.integers(0, 300), max_size=30),
    st.sampled_from(["octet_counting", "auto"]),
)
def test_any_bytes_in_any_chunks_give_the_same(stream: bytes, cuts: list[int], framing: Framing) -> None:
    whole, one = framer(framing, 30)
    pieces, other = framer(framing, 30)
    assert feed(whole, stream) + whole.end() == feed(pieces, *chunked(stream, cuts)) + pieces.end()
    assert bool(whole.broken) == bool(pieces.broken)
    assert one == other


def test_a_character_is_not_cut_in_two() -> None:
    subject, _ = framer("newline", 12)
    line = feed(subject, "ab€€€€€€\n".encode())
    assert line.decode() == "ab" + MARK.decode() + "\n"


@pytest.mark.parametrize("framing", ["newline", "octet_counting"])
def test_an_endless_line_holds_no_more_than_the_limit(framing: Framing) -> None:
    subject, stats = framer(framing, 50_000)
    got = feed(subject, b"900000000 " if framing == "octet_counting" else b"")
    for _ in range(100):
        got += feed(subject, b"x" * 10_000)
        assert subject.held <= 60_000
    assert got == b"x" * (50_000 - len(MARK)) + MARK + b"\n"
    assert stats.truncated == 1
    if framing == "newline":
        assert feed(subject, b"xxx\nnext\n") == b"next\n"


def test_a_line_of_just_the_limit_is_whole_and_one_more_is_not() -> None:
    subject, stats = framer("newline", 20)
    assert feed(subject, b"x" * 20, b"\n") == b"x" * 20 + b"\n"
    assert stats.truncated == 0
    assert feed(subject, b"x" * 21, b"\ny\n").endswith(MARK + b"\ny\n")
    assert stats.truncated == 1


@pytest.mark.parametrize("framing", ["newline", "octet_counting"])
def test_an_unfinished_message_can_be_given_up(framing: Framing) -> None:
    subject, stats = framer(framing)
    assert feed(subject, b"100 begin", b"ning") == b""
    assert subject.give_up().endswith(b"beginning" + MARK + b"\n")
    assert subject.held == 0
    rest = b"x" * 91 + b"4 next" if framing == "octet_counting" else b"x" * 91 + b"\nnext\n"
    assert feed(subject, rest) == b"next\n"
    assert stats.truncated == 1


@pytest.mark.parametrize(
    "bad", [b"hello 5 ", b"05 abcde", b"0 ", b"12x ab", b"1234567890 x", b"-1 a", b" 5 abcde"]
)
def test_a_length_that_cannot_be_one_breaks_the_connection(bad: bytes) -> None:
    subject, stats = framer("octet_counting")
    assert feed(subject, b"5 first" + bad) == b"first\n"
    assert "message length" in subject.broken
    assert stats.discarded == 1
    assert feed(subject, b"5 later") == b""
    assert subject.end() == b""


@pytest.mark.parametrize(
    ("begin", "lines"),
    [
        (b"<34>1 - host app\n200 OK\n", b"<34>1 - host app\n200 OK\n"),
        (b"2026-11-24 hello\n", b"2026-11-24 hello\n"),
        (b"1234567890 hello\n", b"1234567890 hello\n"),
        (b"0 hello\n", b"0 hello\n"),
        (b"5 hello5 world", b"hello\nworld\n"),
        (b"\n12\n", b"\n12\n"),
    ],
)
def test_auto_goes_by_how_the_connection_begins(begin: bytes, lines: bytes) -> None:
    for chunks in ([begin], [begin[i : i + 1] for i in range(len(begin))]):
        subject, _ = framer("auto")
        assert feed(subject, *chunks) == lines


def test_a_counted_message_cut_off_by_the_end_is_kept_and_counted() -> None:
    subject, stats = framer("octet_counting")
    assert feed(subject, b"5 whole20 half of it") == b"whole\n"
    assert subject.end() == b"half of it\n"
    assert stats.truncated == 1


def test_auto_keeps_a_number_that_is_all_there_was() -> None:
    subject, _ = framer("auto")
    assert feed(subject, b"4", b"2") == b""
    assert subject.held == 2
    assert subject.end() == b"42\n"
