"""Each kind of damage: the journal starts, says what it found, and loses no more than what was damaged."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.block import Block
from penstock.journal.base import Cursor, Gap
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.segment import DATA_START
from penstock.testing.journal import block_sized, events_of, gaps_of, read_all

Opener = Callable[..., DiskJournal]
Kill = Callable[[DiskJournal], None]

RECORD = 3000 + 40 + 3  # one event of 3,000 bytes, the header, the name "tcp"


def segments(path: Path) -> list[Path]:
    return sorted((path / "segments").glob("*.seg"))


def overwrite(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


def filled(journal: DiskJournal, count: int) -> list[Block]:
    blocks = [block_sized(number, 3000) for number in range(count)]
    for block in blocks:
        journal.append(block)
    return blocks


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize(
    ("at", "what"), [(0, b"\0"), (4, b"????"), (8, b"\xff\xff\xff\x7f"), (16, b"\x99"), (700, b"~")]
)
async def test_a_bad_record_in_the_middle_costs_itself_only(
    opened: Opener, path: Path, kill: Kill, at: int, what: bytes, clean: bool
) -> None:
    journal = opened()
    blocks = filled(journal, 5)
    if clean:
        await journal.close()
    else:
        kill(journal)
    overwrite(segments(path)[0], DATA_START + 2 * RECORD + at, what)
    again = opened()
    assert again.head == 5
    found = again.recovered
    assert (found.events, found.lost_events, found.damaged_records) == (4, 1, 1)
    assert (found.torn_bytes, found.quarantined) == (0, ())
    items = await read_all(again)
    assert gaps_of(items) == [Gap(2, 3, "damaged")]
    assert events_of(items) == b"".join(b.data for b in blocks if b is not blocks[2])
    [kept] = (path / "quarantine").iterdir()
    assert len(kept.read_bytes()) == RECORD
    assert again.stats().damaged_records == 1, "counted once, though found twice"
    assert again.append(block_sized(9, 100)) == 5


async def test_a_torn_last_record_is_cut_and_its_numbers_are_spent(
    opened: Opener, path: Path, kill: Kill
) -> None:
    journal = opened()
    blocks = filled(journal, 3)
    kill(journal)
    overwrite(segments(path)[0], DATA_START + 2 * RECORD + 100, bytes(RECORD))
    again = opened()
    found = again.recovered
    assert (found.torn_bytes, found.unclean, found.new_node) == (RECORD, True, True)
    assert again.head == 3
    items = await read_all(again)
    assert events_of(items) == blocks[0].data + blocks[1].data
    assert gaps_of(items) == [Gap(2, 3, "damaged")]


@pytest.mark.parametrize("left", [0, 1, 39, 40, 100, RECORD - 1])
async def test_a_file_that_ends_early(opened: Opener, path: Path, kill: Kill, left: int) -> None:
    journal = opened()
    blocks = filled(journal, 3)
    kill(journal)
    os.truncate(segments(path)[0], DATA_START + 2 * RECORD + left)
    again = opened()
    assert again.node != journal.node, "its numbers may have been used"
    assert events_of(await read_all(again)) == blocks[0].data + blocks[1].data


async def test_the_last_record_gone_without_a_trace_gives_a_new_node(
    opened: Opener, path: Path, kill: Kill
) -> None:
    journal = opened()
    filled(journal, 3)
    kill(journal)
    overwrite(segments(path)[0], DATA_START + 2 * RECORD, b"\1" * 30)
    assert opened().node != journal.node


@pytest.mark.parametrize("size", [0, 1, 300, DATA_START - 1])
@pytest.mark.parametrize("which", [0, 1, -1])
async def test_an_empty_or_truncated_segment_costs_itself_only(
    opened: Opener, path: Path, kill: Kill, size: int, which: int
) -> None:
    journal = opened()
    blocks = filled(journal, 60)
    firsts = [int(file.stem) for file in segments(path)] + [60]
    assert len(firsts) > 4
    kill(journal)
    os.truncate(segments(path)[which], size)
    again = opened()
    at = which % (len(firsts) - 1)
    lost = range(firsts[at], firsts[at + 1])
    kept = [b.data for number, b in enumerate(blocks) if number not in lost]
    assert events_of(await read_all(again)) == b"".join(kept)
    assert again.append(block_sized(99, 100)) == again.head - 1
    if size < 256:  # both copies of its header are gone
        assert [file.name for file in again.recovered.quarantined] == [f"{firsts[at]:020d}.seg"]
    if which != -1 and size < 256:
        assert again.recovered.lost_events == len(lost)


@pytest.mark.parametrize("copies", [[0], [4096], [0, 4096]])
async def test_a_header_has_a_copy(opened: Opener, path: Path, kill: Kill, copies: list[int]) -> None:
    journal = opened()
    blocks = filled(journal, 60)
    kill(journal)
    file = segments(path)[1]
    for at in copies:
        overwrite(file, at, os.urandom(200))
    again = opened()
    whole = events_of(await read_all(again)) == b"".join(block.data for block in blocks)
    assert whole == (len(copies) == 1)
    assert len(again.recovered.quarantined) == len(copies) // 2


async def test_a_recycled_file_under_its_old_name_is_known_by_its_header(
    opened: Opener, path: Path, kill: Kill
) -> None:
    journal = opened()
    blocks = filled(journal, 60)
    kill(journal)
    last = segments(path)[-1]
    first = segments(path)[0]
    first.unlink()
    last.rename(first)
    again = opened()
    items = await read_all(again, again.tail)
    assert again.tail == int(segments(path)[0].stem) > 0
    assert events_of(items) == b"".join(block.data for block in blocks[again.tail :])


async def test_what_a_recycled_file_held_before_never_comes_back(opened: Opener, kill: Kill) -> None:
    journal = opened(max_bytes=2**19)
    for number in range(400):
        journal.append(block_sized(number, 3000))
    kill(journal)
    again = opened(max_bytes=2**19)
    assert (again.head, again.recovered.damaged_records, again.recovered.torn_bytes) == (400, 0, 0)
    items = await read_all(again, again.tail)
    assert events_of(items) == b"".join(block_sized(n, 3000).data for n in range(again.tail, 400))


async def test_damage_in_an_older_segment_is_found_when_it_is_read(
    opened: Opener, path: Path, kill: Kill
) -> None:
    journal = opened()
    blocks = filled(journal, 60)
    kill(journal)
    overwrite(segments(path)[1], DATA_START + RECORD + 50, b"~~~~")
    again = opened()
    assert again.recovered.damaged_records == 0
    items = await read_all(again)
    [gap] = gaps_of(items)
    assert (gap.count, gap.reason) == (1, "damaged")
    assert events_of(items) == b"".join(b.data for n, b in enumerate(blocks) if n != gap.first_seq)
    await read_all(again)
    assert again.stats().damaged_records == 1
    await again.close()
    assert [file.stat().st_size for file in (path / "quarantine").iterdir()] == [RECORD]


async def test_cursors_of_garbage_fall_back(opened: Opener, path: Path) -> None:
    for done in (10, 20):
        journal = opened()
        filled(journal, 20)
        journal.save_cursors({"a": Cursor(0, done)})
        await journal.close()
    (path / "cursors.json").write_bytes(b"\0" * 100)
    journal = opened()
    assert journal.recovered.cursors_from_backup
    assert journal.cursors() == {"a": Cursor(0, 10)}
    await journal.close()
    (path / "cursors.json").write_bytes(b"{}")
    (path / "cursors.json.bak").write_bytes(b"{}")
    journal = opened()
    assert journal.recovered.cursors_lost
    assert journal.cursors() == {}
    assert journal.head == 40


async def test_a_mark_of_order_that_is_too_old_is_not_believed(
    opened: Opener, path: Path, kill: Kill
) -> None:
    journal = opened()
    blocks = filled(journal, 2)
    await journal.close()
    mark = (path / "clean").read_bytes()
    journal = opened()
    blocks += filled(journal, 3)
    kill(journal)
    (path / "clean").write_bytes(mark)
    again = opened()
    assert (again.head, again.recovered.unclean) == (5, True)
    assert events_of(await read_all(again)) == b"".join(block.data for block in blocks)
