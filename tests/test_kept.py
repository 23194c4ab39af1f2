"""What sources learn of the journal, from both kinds."""

from pathlib import Path

import pytest

from penstock.block import Block
from penstock.clock import SystemClock
from penstock.journal.base import Journal, JournalSettings
from penstock.journal.open import open_journal
from penstock.kept import KeptOf


def opened(path: Path, kind: str = "disk") -> Journal:
    settings = JournalSettings.model_validate({"type": kind, "path": path})
    return open_journal(settings, clock=SystemClock(), version="1")


def block(source: str, mark: bytes, count: int = 3) -> Block:
    return Block(b'{"n":1}\n' * count, count, source, 1.0, mark=mark)


@pytest.mark.parametrize("kind", ["disk", "memory"])
async def test_a_source_finds_its_own_marks_again(tmp_path: Path, kind: str) -> None:
    journal = opened(tmp_path, kind)
    for item in (block("a", b"1"), block("b", b"2"), block("a", b""), block("a", b"3")):
        journal.append(item)
    kept = KeptOf("a", journal)
    assert kept.head == 12
    assert [await kept.marks(seq) for seq in (0, 3, 9, 12)] == [[b"1", b"3"], [b"3"], [b"3"], []]
    await journal.close()


async def test_marks_survive_a_restart(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(block("a", b"\x00\xff"))
    await journal.close()
    journal = opened(tmp_path)
    assert await KeptOf("a", journal).marks(0) == [b"\x00\xff"]
    await journal.close()
