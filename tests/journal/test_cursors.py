import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.journal.base import Cursor
from penstock.journal.cursor_saver import DELAY
from penstock.journal.cursors import (
    cursors_path,
    decode_cursors,
    encode_cursors,
    read_cursors,
    write_cursors,
)
from penstock.journal.disk import Disk
from penstock.journal.disk_journal import DiskJournal
from penstock.testing import ManualClock
from penstock.testing.journal import FailingDisk

Opener = Callable[..., DiskJournal]

seqs = st.integers(0, 2**63)
counts = st.dictionaries(st.text(max_size=8), seqs, max_size=3)
cursors = st.builds(
    Cursor,
    seqs,
    seqs,
    st.lists(st.tuples(seqs, seqs), max_size=3).map(tuple),
    seqs,
    seqs,
    seqs,
    counts,
    counts,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=20), cursors, max_size=5))
def test_what_is_written_is_read(saved: dict[str, Cursor]) -> None:
    data = encode_cursors(saved)
    assert decode_cursors(data) == saved
    assert set(orjson.loads(data)) == {"format", "crc32", "cursors"}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=20), cursors, min_size=1, max_size=2), st.data())
def test_any_change_is_noticed(saved: dict[str, Cursor], data: st.DataObject) -> None:
    good = encode_cursors(saved)
    at = data.draw(st.integers(0, len(good) - 1))
    hurt = bytearray(good)
    hurt[at] ^= data.draw(st.integers(1, 255))
    assert decode_cursors(bytes(hurt)) in (None, saved)
    assert at == len(good) - 1 or decode_cursors(good[:at]) is None


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\0" * 50, b"{", b"[]", b'{"format":1}', b'{"format":1,"crc32":0,"cursors":{}}', b"\xff"],
)
def test_garbage_is_none(garbage: bytes) -> None:
    assert decode_cursors(garbage) is None


def test_there_is_a_readable_file_whatever_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call to the system is the last one, in turn."""
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_cursors(Disk(), folder, {"a": Cursor(0, 1)})
        write_cursors(Disk(), folder, {"a": Cursor(0, 2)})
        left = number

        def dies(real: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **kwargs: object) -> object:
                nonlocal left
                if left == 0:
                    raise KeyboardInterrupt
                left -= 1
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            for name in ("open", "link", "pwritev", "fdatasync", "rename", "fsync"):
                patch.setattr(os, name, dies(getattr(os, name)))
            with contextlib.suppress(KeyboardInterrupt):
                write_cursors(Disk(), folder, {"a": Cursor(0, 3)})
        found, trouble = read_cursors(folder)
        assert (found["a"].done in (2, 3), trouble) == (True, "")


async def test_they_are_on_disk_half_a_second_later(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock)
    journal.save_cursors({"a": Cursor(0, 0)})
    assert read_cursors(path)[0] == {"a": Cursor(0, 0)}, "a new name at once"
    for done in range(1, 5):
        journal.save_cursors({"a": Cursor(0, done)})
    assert read_cursors(path)[0] == {"a": Cursor(0, 0)}
    await clock.advance(DELAY)
    while read_cursors(path)[0]["a"].done != 4:
        await clock.advance(0.001)
    assert journal.cursors() == {"a": Cursor(0, 4)}


async def test_they_are_on_disk_after_close(opened: Opener, path: Path) -> None:
    journal = opened(clock=ManualClock())
    journal.save_cursors({"a": Cursor(0, 0), "b": Cursor(0, 0)})
    journal.save_cursors({"a": Cursor(0, 7, delivered=7)})
    await journal.close()
    assert opened().cursors() == {"a": Cursor(0, 7, delivered=7), "b": Cursor(0, 0)}


async def test_a_disk_that_refuses_them_is_told_once(
    opened: Opener, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, disk = ManualClock(), FailingDisk()
    journal = opened(clock=clock, disk=disk)
    disk.writes = [errno.ENOSPC] * 3
    journal.save_cursors({"a": Cursor(0, 1)})
    while disk.writes or not cursors_path(path).exists():
        await clock.advance(DELAY)
    await journal.close()
    assert read_cursors(path)[0] == {"a": Cursor(0, 1)}
    assert capsys.readouterr().out.count("cursors cannot be saved") == 1
