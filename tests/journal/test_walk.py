"""Finding the way through a segment that was hurt."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from penstock.journal.record import encode_record
from penstock.journal.segment import DATA_START, SegmentHeader
from penstock.journal.walk import Damage, Record, View, walk
from penstock.testing.journal import block_sized

HEADER = SegmentHeader(77, 10, 0, 1.0, "n")


def file_of(sizes: list[int], nonce: int = 77, first: int = 10) -> tuple[bytes, list[int]]:
    """A segment's bytes, and where each record begins."""
    data, starts = bytes(DATA_START), []
    for number, size in enumerate(sizes):
        starts.append(len(data))
        data += b"".join(encode_record(replace(block_sized(number, size), first_seq=first + number), nonce))
    return data, starts


def view_of(data: bytes, window: int = 4096) -> View:
    return View(lambda size, offset: data[offset : offset + size], len(data), window)


sizes = st.lists(st.integers(30, 20_000), min_size=1, max_size=12)


@given(sizes, st.data(), st.sampled_from([64, 4096, 2**20]))
def test_each_record_is_had_or_accounted_for(sizes: list[int], data: st.DataObject, window: int) -> None:
    whole, starts = file_of(sizes)
    hurt = bytearray(whole)
    hit = data.draw(st.sets(st.integers(0, len(sizes) - 1), max_size=len(sizes)))
    for number in hit:
        end = starts[number + 1] if number + 1 < len(starts) else len(whole)
        hurt[data.draw(st.integers(starts[number], end - 1))] ^= data.draw(st.integers(1, 255))
    seq, until = 10, 10 + len(sizes)
    for found in walk(view_of(bytes(hurt), window), HEADER, until):
        if isinstance(found, Record):
            assert found.block.first_seq == seq
            assert seq - 10 not in hit
            assert found.offset == starts[seq - 10]
            seq = found.block.end_seq
        else:
            assert found.first_seq == seq
            assert set(range(found.first_seq - 10, found.end_seq - 10)) <= hit
            assert found.offset == starts[seq - 10]
            seq = found.end_seq
    assert seq == until


def test_without_an_end_it_stops_behind_the_last_valid_record() -> None:
    old, _ = file_of([500] * 20, nonce=5, first=0)
    new, starts = file_of([300] * 3)
    found = list(walk(view_of(new + old[len(new) :]), HEADER, None))
    assert [(type(item), item.offset) for item in found] == [(Record, at) for at in starts]


def test_what_is_missing_before_a_known_end_is_damage() -> None:
    data, _ = file_of([300] * 3)
    [*_, last] = walk(view_of(data), HEADER, 20)
    assert last == Damage(len(data), len(data), 13, 20, 1)


def test_a_walk_may_begin_inside() -> None:
    data, starts = file_of([300] * 5)
    found = list(walk(view_of(data), HEADER, None, (13, starts[3])))
    assert [item.offset for item in found] == starts[3:]
