from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch, Block, count_lines

events = st.lists(st.integers(0, 10**12).map(lambda n: b'{"n":%d}' % n), min_size=1, max_size=60)


def block_of(lines: list[bytes], first_seq: int = 0, node: str = "n") -> Block:
    return Block(b"".join(line + b"\n" for line in lines), len(lines), "s", 1.0, first_seq, node)


@given(events, st.data())
def test_cut_parts_a_block_at_any_event(lines: list[bytes], data: st.DataObject) -> None:
    block = block_of([*lines, b"{}"], 7)
    at = data.draw(st.integers(1, block.count - 1))
    head, rest = block.cut(at)
    assert head.lines() + rest.lines() == [*lines, b"{}"]
    assert (head.count, rest.count) == (at, block.count - at)
    assert (head.first_seq, head.end_seq, rest.end_seq) == (7, rest.first_seq, block.end_seq)


@given(events, st.integers(0, 3000), st.sampled_from([0, 1, 40]))
def test_fitting_counts_the_events_that_fit(lines: list[bytes], limit: int, overhead: int) -> None:
    block = block_of(lines)
    sizes = [len(line) + 1 + overhead for line in lines]
    fit = block.fitting(limit, overhead)
    assert sum(sizes[:fit]) <= limit
    assert fit == block.count or sum(sizes[: fit + 1]) > limit


@given(st.lists(events, min_size=1, max_size=5), st.data())
def test_select_keeps_events_and_their_ids_together(groups: list[list[bytes]], data: st.DataObject) -> None:
    pieces, seq = [], 100
    for group in groups:
        pieces.append(block_of(group, seq))
        seq += len(group) + 3
    batch = Batch(tuple(pieces), 1.0)
    told = list(zip(batch.event_ids(), batch.lines(), strict=True))
    wanted = data.draw(st.sets(st.integers(0, batch.count - 1), min_size=1))
    some = batch.select(wanted)
    assert list(zip(some.event_ids(), some.lines(), strict=True)) == [told[i] for i in sorted(wanted)]
    assert some.count == len(wanted)
    assert (some.id == batch.id) == (len(wanted) == batch.count)


def test_halves_are_all_of_it() -> None:
    batch = Batch((block_of([b"{}", b'{"a":1}', b"[]"], 5),), 1.0)
    left, right = batch.halves()
    assert left.lines() + right.lines() == batch.lines()
    assert (left.id, right.id) == ("n-5-5", "n-6-7")
    assert [(piece.first_seq, piece.end_seq) for piece in right.pieces] == [(6, 8)]


def test_count_lines() -> None:
    assert [count_lines(data) for data in (b"", b"\n", b"a\nb", b"a\n\n")] == [0, 1, 1, 2]
