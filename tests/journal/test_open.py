"""Opening: the lock, the format, folders that cannot be used, and what was found."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from penstock.clock import SystemClock
from penstock.errors import JournalError, JournalLocked, JournalNewer
from penstock.journal.base import Cursor, JournalSettings, Recovered
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.memory_journal import MemoryJournal
from penstock.journal.open import open_journal
from penstock.testing.journal import FailingDisk, block_of, read_all

Opener = Callable[..., DiskJournal]


def test_a_new_journal_has_nothing_and_a_node_of_its_own(opened: Opener, path: Path, tmp_path: Path) -> None:
    journal = opened()
    other = open_journal(JournalSettings(path=tmp_path / "other"), clock=SystemClock(), version="0")
    assert (journal.head, journal.tail, journal.recovered) == (0, 0, Recovered())
    assert journal.node != other.node
    assert len(journal.node) <= 64


def modes(path: Path) -> dict[str, int]:
    return {str(found): found.stat().st_mode & 0o777 for found in [path, *path.rglob("*")]}


async def test_only_the_owner_can_read_it(opened: Opener, path: Path) -> None:
    journal = opened()
    journal.append(block_of("a"))
    journal.save_cursors({"a": Cursor(0, 0)})
    await journal.close()
    assert set(modes(path).values()) == {0o700, 0o600}


def test_the_second_daemon_is_told_the_pid_of_the_first(opened: Opener) -> None:
    opened()
    with pytest.raises(JournalLocked, match=rf"pid {os.getpid()}\b"):
        opened()


async def test_the_lock_is_given_back(opened: Opener) -> None:
    await opened().close()
    opened()


def test_a_dead_owner_does_not_keep_the_lock(opened: Opener, path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from penstock.clock import SystemClock;"
        "from penstock.journal.base import JournalSettings; from penstock.journal.open import open_journal;"
        "open_journal(JournalSettings(path=Path(sys.argv[1])), clock=SystemClock(), version='0'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert (path / "lock").read_text().strip().isdecimal()
    assert opened().recovered.unclean


async def test_a_newer_format_is_refused_by_name(opened: Opener, path: Path) -> None:
    await opened().close()
    meta = orjson.loads((path / "journal.json").read_bytes())
    (path / "journal.json").write_bytes(orjson.dumps({**meta, "format": 99, "version": "7.1"}))
    with pytest.raises(JournalNewer, match=r"format 99, written by Penstock 7\.1"):
        opened()
    (path / "journal.json").write_bytes(orjson.dumps(meta))
    opened()  # the refusal gave the lock back


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
async def test_a_description_of_garbage_costs_only_the_node(
    opened: Opener, path: Path, kill: Callable[[DiskJournal], None], content: bytes
) -> None:
    journal = opened()
    journal.append(block_of("a", "b"))
    kill(journal)
    (path / "journal.json").write_bytes(content)
    again = opened()
    assert again.head == 2
    assert again.node != journal.node
    [block] = await read_all(again)
    assert getattr(block, "node", "") == journal.node


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_says_what_to_do(opened: Opener, path: Path) -> None:
    path.mkdir(mode=0o500)
    with pytest.raises(JournalError, match=r"denied.*journal\.path"):
        opened()


def test_a_file_in_the_way_says_what_to_do(opened: Opener, path: Path) -> None:
    path.write_text("")
    with pytest.raises(JournalError, match=r"stands in its way.*journal\.path"):
        opened()


def test_a_new_journal_needs_room(opened: Opener) -> None:
    disk = FailingDisk()
    disk.full = True
    with pytest.raises(JournalError, match="make room"):
        opened(disk=disk)


async def test_a_full_disk_does_not_keep_an_old_journal_from_being_read(opened: Opener) -> None:
    journal = opened()
    journal.append(block_of("a"))
    await journal.close()
    disk = FailingDisk()
    disk.full = True
    again = opened(disk=disk)
    assert [block.count for block in await read_all(again)] == [1]
    disk.full = False


def test_an_error_of_the_disk_is_a_journal_error(opened: Opener, tmp_path: Path) -> None:
    disk = FailingDisk()
    disk.syncs = [errno.EIO]
    with pytest.raises(JournalError, match="see to the disk"):
        opened(disk=disk)
    opened()


async def test_an_orderly_stop_goes_on_in_the_same_segment(opened: Opener, path: Path) -> None:
    journal = opened()
    for number in range(3):
        journal.append(block_of(f"{number}"))
        await journal.close()
        journal = opened()
        assert (journal.head, journal.recovered) == (number + 1, Recovered(events=number + 1))
    assert len(list((path / "segments").glob("*.seg"))) == 1
    assert [b.count for b in await read_all(journal)] == [1, 1, 1]


async def test_a_killed_process_begins_a_new_segment_under_the_same_node(
    opened: Opener, path: Path, kill: Callable[[DiskJournal], None]
) -> None:
    journal = opened()
    journal.append(block_of("a", "b"))
    kill(journal)
    again = opened()
    assert again.recovered == Recovered(events=2, unclean=True)
    assert again.append(block_of("c")) == 2
    assert again.node == journal.node
    names = [file.name for file in sorted((path / "segments").glob("*.seg"))]
    assert names == ["00000000000000000000.seg", "00000000000000000002.seg"]
    assert [b.count for b in await read_all(again)] == [2, 1]


async def test_many_kills_do_not_fill_the_disk(
    opened: Opener, path: Path, kill: Callable[[DiskJournal], None]
) -> None:
    for number in range(12):
        journal = opened()
        journal.append(block_of(str(number)))
        kill(journal)
    sizes = [file.stat().st_size for file in sorted((path / "segments").glob("*.seg"))]
    assert max(sizes[:-1]) < 9000


async def test_a_machine_that_died_gives_a_new_node(
    opened: Opener, kill: Callable[[DiskJournal], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    journal = opened()
    journal.append(block_of("a"))
    kill(journal)
    boot = tmp_path / "boot_id"
    boot.write_text("another boot\n")
    monkeypatch.setattr("penstock.process._BOOT_ID", boot)
    again = opened()
    assert again.recovered == Recovered(events=1, unclean=True, new_node=True)
    assert again.node != journal.node
    again.append(block_of("b"))
    nodes = [getattr(block, "node", "") for block in await read_all(again)]
    assert nodes == [journal.node, again.node]


async def test_numbers_that_a_cursor_mentions_are_never_given_again(
    opened: Opener, path: Path, kill: Callable[[DiskJournal], None]
) -> None:
    journal = opened()
    journal.append(block_of("a", "b", "c"))
    journal.save_cursors({"gone": Cursor(0, 1, beyond=((2, 3),))})
    kill(journal)
    for file in (path / "segments").glob("*.seg"):
        file.unlink()
    again = opened()
    assert again.head == 3
    assert again.node != journal.node


def test_memory_is_opened_without_a_folder(path: Path) -> None:
    journal = open_journal(JournalSettings(type="memory", path=path), clock=SystemClock(), version="0")
    assert isinstance(journal, MemoryJournal)
    assert not path.exists()
