"""Positions as lines and as marks."""

from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.file_position import (
    Mark,
    Position,
    Subject,
    decode_lines,
    decode_mark,
    encode_lines,
    encode_mark,
    shown,
)

sizes = st.integers(0, 2**62)
marks = st.builds(Mark, sizes, st.integers(0, 2**32 - 1))
positions = st.builds(Position, sizes, st.booleans(), marks, sizes)
names = st.binary(min_size=1, max_size=20).map(
    lambda name: name.replace(b"\0", b"").decode(errors="surrogateescape")
)
subjects = st.builds(Subject, names, sizes, sizes, marks)


@given(st.lists(st.tuples(sizes, subjects, positions), max_size=3))
def test_a_mark_comes_back_whatever_the_names(read: list[tuple[int, Subject, Position]]) -> None:
    assert list(decode_mark(encode_mark(read))) == read


@given(st.binary(max_size=60))
def test_a_mark_of_garbage_is_nothing(garbage: bytes) -> None:
    assert list(decode_mark(garbage)) == []


@given(st.lists(st.lists(st.integers(0, 9) | st.text(max_size=3), max_size=3), max_size=4), st.data())
def test_lines_end_at_the_first_that_is_torn_or_wrong(
    records: list[list[object]], data: st.DataObject
) -> None:
    whole = encode_lines(records)
    assert list(decode_lines(whole)) == records
    cut = data.draw(st.integers(0, len(whole)))
    read = list(decode_lines(whole[:cut]))
    assert read == records[: whole[:cut].count(b"\n")]
    if cut < len(whole):
        bad = bytearray(whole)
        bad[cut] ^= 1
        assert list(decode_lines(bytes(bad)))[: len(read)] == read


def test_a_name_that_is_not_utf8_can_be_shown() -> None:
    assert (
        shown(b"/logs/\xff\xc3\xa4.log".decode(errors="surrogateescape"))
        == "/logs/\N{REPLACEMENT CHARACTER}ä.log"
    )
