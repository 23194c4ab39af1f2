"""Opens the journal that the configuration asks for."""

import errno
from dataclasses import asdict
from pathlib import Path

import structlog

from penstock.clock import Clock
from penstock.errors import JournalError
from penstock.journal.base import Journal, JournalSettings, Recovered
from penstock.journal.disk import Disk, reason
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.folder import (
    Lock,
    Meta,
    make_folders,
    read_meta,
    remove_clean,
    unusable,
    write_meta,
)
from penstock.journal.memory_journal import MemoryJournal
from penstock.journal.recovery import Recovery, recover
from penstock.journal.segment import FORMAT
from penstock.process import boot_id

log = structlog.get_logger(__name__)


def open_journal(
    settings: JournalSettings, *, clock: Clock, version: str, disk: Disk | None = None
) -> Journal:
    """The journal, ready for appends; `recovered` says what was found.

    Call it before the loop has other work: it reads the last segment in full. `version` is Penstock's own.
    Raises `JournalLocked`, `JournalNewer`, or `JournalError` with what to do about it.
    """
    if settings.type == "memory":
        return MemoryJournal(settings)
    disk = disk or Disk()
    path = settings.path.absolute()
    make_folders(path)
    lock = Lock(path)
    try:
        found = recover(disk, path)
        _take(disk, path, found, Meta(FORMAT, version, found.node, boot_id(), found.catalogue.head))
    except OSError as exc:
        lock.release()
        raise unusable(path, exc) from exc
    except JournalError:
        lock.release()
        raise
    _tell(found.report)
    return DiskJournal(settings.model_copy(update={"path": path}), found, lock, clock, disk)


def _tell(found: Recovered) -> None:
    """Says what a stop that was not orderly has left, and what it has cost."""
    harm = found.lost_events or found.quarantined or found.cursors_lost or found.cursors_from_backup
    if found.unclean or harm:
        say = log.warning if harm else log.info
        facts = {name: value for name, value in asdict(found).items() if value and name != "unclean"}
        say("journal recovered", **facts | {"quarantined": [str(path) for path in found.quarantined]})


def _take(disk: Disk, path: Path, found: Recovery, meta: Meta) -> None:
    """From here on the journal is in use, by this node under this boot."""
    used = read_meta(path) is not None or len(found.catalogue) > 0
    try:
        write_meta(disk, path, meta)
    except OSError as exc:
        # A full disk must not keep what is on it from being delivered. The older entry is safe, and so is none:
        # at worst the next start takes a new node without need.
        if not used or exc.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        log.warning("journal is opened on a full disk", error=reason(exc))
    remove_clean(disk, path)
