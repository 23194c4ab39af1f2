import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from penstock.clock import Clock, SystemClock
from penstock.journal.base import JournalSettings
from penstock.journal.disk import Disk
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.open import open_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def kill() -> Callable[[DiskJournal], None]:
    """What the kernel does when a process dies: descriptors are closed, and nothing else is done."""

    def kill(journal: DiskJournal) -> None:
        journal._closed = True
        journal._tip.commit.close()
        if journal._tip._retry:
            journal._tip._retry.cancel()
        journal._keeper.close()
        if journal._saver._timer:
            journal._saver._timer.cancel()
        journal._chores.shutdown(wait=True)
        journal._reader.close()
        journal._writer.close()
        os.close(journal._lock._fd)

    return kill


@pytest.fixture
async def opened(path: Path) -> AsyncIterator[Callable[..., DiskJournal]]:
    """Opens the journal of this test: small segments, no cache, unless told otherwise."""
    journals: list[DiskJournal] = []

    def opener(*, clock: Clock | None = None, disk: Disk | None = None, **settings: object) -> DiskJournal:
        chosen = JournalSettings.model_validate({"segment": 2**16, "cache": 0, "path": path, **settings})
        journal = open_journal(chosen, clock=clock or SystemClock(), version="0", disk=disk)
        assert isinstance(journal, DiskJournal)
        journals.append(journal)
        return journal

    yield opener
    for journal in journals:
        await journal.close()
