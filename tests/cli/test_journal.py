"""`penstock journal`: it tells what is there, finds damage, and changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from penstock.block import Block
from penstock.cli.exits import Exit
from penstock.journal.base import Cursor, Journal, JournalSettings
from penstock.journal.open import open_journal
from penstock.testing.clock import ManualClock

Penstock = Callable[..., Result]


@pytest.fixture
def folder(config: Path, tmp_path: Path) -> Path:
    """Where the configuration has its journal."""
    return tmp_path / "journal"


def opened(folder: Path) -> Journal:
    return open_journal(JournalSettings(path=folder), clock=ManualClock(), version="1.2.3")


def filled(folder: Path) -> Journal:
    journal = opened(folder)
    for number in range(10):
        data = b"".join([b'{"n":"%06d"}\n' % (number * 5 + event) for event in range(5)])
        journal.append(Block(data, 5, "app", 1.0))
    journal.hold(["hook"])
    journal.save_cursors({"hook": Cursor(start=0, done=20, delivered=18, dead_lettered={"no": 2})})
    return journal


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


async def test_show(config: Path, folder: Path, penstock: Penstock) -> None:
    await filled(folder).close()
    before = contents(folder)
    result = penstock("journal", "show", "--config", config)
    assert (result.exit_code, result.stderr) == (Exit.OK, "")
    assert "written by Penstock 1.2.3; stopped in order" in result.stdout
    assert "50 events, 0 to 50;" in result.stdout
    assert ["hook", "20", "30", "18", "0", "2", "0"] in [line.split() for line in result.stdout.splitlines()]
    assert contents(folder) == before


async def test_show_for_programs(folder: Path, penstock: Penstock) -> None:
    await filled(folder).close()
    shown = json.loads(penstock("journal", "show", "--path", folder, "--json").stdout)
    assert (shown["tail"], shown["head"], shown["running"]) == (0, 50, None)
    assert shown["cursors"]["hook"]["done"] == 20
    assert [(part["first_seq"], part["end_seq"]) for part in shown["segments"]] == [(0, 50)]


async def test_beside_a_running_daemon(folder: Path, penstock: Penstock) -> None:
    journal = filled(folder)
    result = penstock("journal", "verify", "--path", folder)
    assert (result.exit_code, result.stderr) == (Exit.OK, "")
    assert result.stdout == "50 events in 10 records can be read, 750 bytes.\n"
    assert "has it open" in penstock("journal", "show", "--path", folder).stdout
    journal.append(Block(b"{}\n", 1, "app", 1.0))
    await journal.close()


async def test_verify_finds_damage(folder: Path, penstock: Penstock) -> None:
    await filled(folder).close()
    (segment,) = (folder / "segments").glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[data.index(b'"000021"')] ^= 1
    segment.write_bytes(data)
    result = penstock("journal", "verify", "--path", folder)
    assert result.exit_code == Exit.DAMAGED
    assert result.stdout == "45 events in 9 records can be read, 675 bytes.\n"
    assert "events 20 to 24 are lost" in result.stderr
    (row,) = [
        json.loads(line)
        for line in penstock("journal", "verify", "--path", folder, "--json").stdout.splitlines()
    ]
    assert [(damage["first_seq"], damage["end_seq"]) for damage in row["damages"]] == [(20, 25)]


async def test_a_file_that_is_no_segment(folder: Path, penstock: Penstock) -> None:
    await filled(folder).close()
    (segment,) = (folder / "segments").glob("*.seg")
    segment.write_bytes(b"garbage")
    assert penstock("journal", "verify", "--path", folder).exit_code == Exit.DAMAGED
    assert "unreadable" in penstock("journal", "show", "--path", folder).stdout


def test_no_journal_there(folder: Path, penstock: Penstock) -> None:
    result = penstock("journal", "show", "--path", folder)
    assert (result.exit_code, result.stdout) == (Exit.START, "")
    assert f"there is no journal to look at in {folder}" in result.stderr


def test_a_journal_in_memory(config: Path, penstock: Penstock) -> None:
    config.write_text(config.read_text().replace("journal: {", "journal: {type: memory, "))
    result = penstock("journal", "show", "--config", config)
    assert result.exit_code == Exit.CONFIG
    assert "is memory: nothing is on disk" in result.stderr
