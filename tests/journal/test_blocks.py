from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Block
from penstock.journal.blocks import BlockList
from penstock.testing.journal import block_of


@given(st.lists(st.integers(-1, 5), max_size=60), st.integers(0, 10**6))
def test_it_is_a_queue_that_can_be_searched(steps: list[int], pick: int) -> None:
    blocks = BlockList()
    kept: list[Block] = []
    head = 7
    for step in steps:
        if step > 0:
            block = replace(block_of(*"x" * step), first_seq=head)
            head += step
            blocks.add(block)
            kept.append(block)
        elif kept:
            assert blocks.drop_first() is kept.pop(0)
        assert (len(blocks), blocks.size) == (len(kept), sum(len(b.data) for b in kept))
        assert blocks.first is (kept[0] if kept else None)
    if not kept:
        return
    seq = kept[0].first_seq + pick % (head - kept[0].first_seq)
    read = blocks.read(seq, 10**9)
    assert (read[0].first_seq, read[-1].end_seq) == (seq, head)
    wanted = [line for block in kept for line in block.lines()][seq - kept[0].first_seq :]
    assert [line for block in read for line in block.lines()] == wanted
    size = sum(len(line) + 1 for line in wanted)
    assert round(blocks.bytes_at(head) - blocks.bytes_at(seq)) == size
    back = blocks.seq_back(size)
    assert back == seq


def test_it_forgets_what_was_dropped() -> None:
    blocks = BlockList()
    for number in range(10_000):
        blocks.add(replace(block_of("x"), first_seq=number))
        if number >= 10:
            blocks.drop_first()
    assert len(blocks._blocks) < 3000
    assert [block.first_seq for block in blocks.since(0)] == list(range(9990, 10_000))
