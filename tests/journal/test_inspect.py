from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import JournalError
from penstock.journal.base import Cursor
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.inspect import show, verify
from penstock.testing.journal import block_of, block_sized

Opener = Callable[..., DiskJournal]


def contents(path: Path) -> dict[str, tuple[int, int]]:
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in [path, *path.rglob("*")]}


async def test_it_works_beside_a_daemon_and_writes_nothing(opened: Opener, path: Path) -> None:
    journal = opened(sync=60)
    for number in range(60):
        journal.append(block_sized(number, 3000))
    journal.save_cursors({"a": Cursor(0, 40, delivered=40)})
    await journal.durable(60)
    before = contents(path)
    report, checked = show(path), verify(path)
    assert contents(path) == before
    assert report.running is not None
    assert (report.head, report.tail, report.node, report.clean) == (60, 0, journal.node, False)
    assert report.cursors == {"a": Cursor(0, 40, delivered=40)}
    assert [s.first_seq for s in report.segments[1:]] == [s.end_seq for s in report.segments[:-1]]
    assert len(report.segments) > 2
    assert (checked.records, checked.events, checked.bytes) == (60, 60, 180_000)
    assert (checked.sound, checked.torn_bytes, checked.segments) == (True, 0, len(report.segments))


async def test_it_works_without_a_daemon(opened: Opener, path: Path) -> None:
    journal = opened()
    journal.append(block_of("a", "b"))
    await journal.close()
    report = show(path)
    assert (report.running, report.clean, report.head, report.version) == (None, True, 2, "0")
    assert verify(path).events == 2


async def test_verify_names_each_damage(opened: Opener, path: Path) -> None:
    journal = opened()
    for number in range(3):
        journal.append(block_sized(number, 3000))
    await journal.close()
    [file] = (path / "segments").glob("*.seg")
    data = bytearray(file.read_bytes())
    data[8192 + 3000 + 500] ^= 1
    file.write_bytes(data)
    checked = verify(path)
    assert not checked.sound
    [damage] = checked.damages
    assert (damage.segment, damage.first_seq, damage.end_seq) == (file.name, 1, 2)
    assert checked.records == 2


async def test_a_record_begun_and_not_finished_is_told(opened: Opener, path: Path) -> None:
    journal = opened()
    journal.append(block_sized(0, 3000))
    journal.append(block_sized(1, 3000))
    await journal.close()
    (path / "clean").unlink()
    [file] = (path / "segments").glob("*.seg")
    data = bytearray(file.read_bytes())
    data[8192 + 3000 + 500 : 8192 + 3000 + 5000] = bytes(4500)
    file.write_bytes(data)
    checked = verify(path)
    assert checked.torn_bytes == 3000 + 43
    assert checked.events == 1


async def test_an_unreadable_segment_is_named(opened: Opener, path: Path) -> None:
    journal = opened()
    journal.append(block_of("a"))
    await journal.close()
    [file] = (path / "segments").glob("*.seg")
    file.write_bytes(b"")
    assert show(path).unreadable == verify(path).unreadable == (file.name,)
    assert not verify(path).sound


@pytest.mark.parametrize("look", [show, verify])
def test_no_journal_is_said_so(look: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal"):
        look(tmp_path)
