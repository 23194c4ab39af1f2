import os
from pathlib import Path

import pytest

from penstock.block import Batch, Block
from penstock.delivery.deadletters import (
    BLOCK,
    FILES_PER_FOLDER,
    DeadLetter,
    DeadLetterStore,
    blocks_of,
    letters_of,
)
from penstock.delivery.decision import Dead
from penstock.delivery.job import Job
from penstock.delivery.settings import DeadLetterSettings
from penstock.testing import ManualClock


def letters(clock: ManualClock, count: int, first_seq: int = 0, reason: str = "no") -> list[DeadLetter]:
    data = b"".join(b'{"n":%d,"x":"\\u00e4"}\n' % n for n in range(count))
    batch = Batch((Block(data, count, "s", 5.0, first_seq, "node"),), 6.0)
    job = Job(batch, attempts=2, first_tried=clock.monotonic() - 10)
    return list(letters_of("search", job, Dead(batch, "refused", reason, 400, "bad"), clock))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> DeadLetterStore:
    return DeadLetterStore(tmp_path / "search", DeadLetterSettings(max_bytes=2**20), clock)


def test_what_is_added_is_read_back_whole(store: DeadLetterStore, clock: ManualClock, tmp_path: Path) -> None:
    store.add(letters(clock, 2, 7))
    again = DeadLetterStore(tmp_path / "search", DeadLetterSettings(), clock)
    first, second = again.read()
    assert (first.id, second.id) == ("node-7", "node-8")
    assert bytes(first.event) == b'{"n":0,"x":"\\u00e4"}'  # as it was, to the byte
    assert (first.kind, first.reason, first.status, first.answer) == ("refused", "no", 400, "bad")
    assert (first.attempts, first.arrived, first.dead_since) == (2, 5.0, clock.time())
    assert first.first_tried == clock.time() - 10
    assert again.size == store.size > 0


def test_letters_can_be_taken_out_by_id_or_all(store: DeadLetterStore, clock: ManualClock) -> None:
    store.add(letters(clock, 3))
    assert store.remove({"node-1", "node-99"}) == 1
    assert [letter.id for letter in store.read()] == ["node-0", "node-2"]
    assert [letter.id for letter in store.read({"node-2"})] == ["node-2"]
    assert store.remove() == 2
    assert (list(store.read()), store.size) == ([], 0)


def test_an_event_that_died_twice_is_told_once_as_it_is_now(
    store: DeadLetterStore, clock: ManualClock
) -> None:
    store.add(letters(clock, 1, reason="then"))
    store.add(letters(clock, 1, reason="now"))
    assert [letter.reason for letter in store.read()] == ["now"]


def test_a_line_torn_by_a_crash_harms_no_other(
    store: DeadLetterStore, clock: ManualClock, tmp_path: Path
) -> None:
    store.add(letters(clock, 2))
    (file,) = (tmp_path / "search").glob("*.ndjson")
    os.truncate(file, file.stat().st_size - 5)
    store.add(letters(clock, 1, 50))
    assert [letter.id for letter in store.read()] == ["node-0", "node-50"]


def test_the_bound_is_kept_by_dropping_the_oldest_counted(store: DeadLetterStore, clock: ManualClock) -> None:
    for first_seq in range(0, 12000, 100):
        store.add(letters(clock, 100, first_seq))
    assert store.size <= 2**20 + 2**20 // FILES_PER_FOLDER
    kept = [int(letter.id.split("-")[1]) for letter in store.read()]
    assert kept == list(range(12000 - len(kept), 12000))
    assert store.expired == 12000 - len(kept) > 0


def test_old_letters_go(tmp_path: Path, clock: ManualClock) -> None:
    store = DeadLetterStore(tmp_path / "d", DeadLetterSettings(max_bytes=2**20, max_age=3600), clock)
    store.add(letters(clock, 900))
    (file,) = (tmp_path / "d").glob("*.ndjson")
    os.utime(file, (clock.time() - 7200, clock.time() - 7200))
    store.add(letters(clock, 900, 5000))
    assert {int(letter.id.split("-")[1]) // 5000 for letter in store.read()} == {1}


def test_old_letters_go_though_none_come(tmp_path: Path, clock: ManualClock) -> None:
    store = DeadLetterStore(tmp_path / "d", DeadLetterSettings(max_age=3600), clock)
    store.add(letters(clock, 9))
    (file,) = store.files()
    os.utime(file, (clock.time() - 3000, clock.time() - 3000))
    store.expire()
    assert len(list(store.read())) == 9
    os.utime(file, (clock.time() - 4000, clock.time() - 4000))
    store.expire()
    assert (list(store.read()), store.read_file(file), store.size, store.expired) == ([], [], 0, 9)


def test_letters_become_blocks_of_a_bounded_size(clock: ManualClock) -> None:
    many = letters(clock, 100_000)
    blocks = list(blocks_of(many, "search", 7.0))
    assert len(blocks) > 1
    assert all(len(block.data) <= BLOCK + 100 for block in blocks)
    assert b"".join([block.data for block in blocks]) == b"".join([bytes(one.event) + b"\n" for one in many])
    assert all(block.count == block.data.count(b"\n") for block in blocks)
    assert {(block.only, block.arrived) for block in blocks} == {("search", 7.0)}
    assert list(blocks_of([], "search", 7.0)) == []


def test_a_full_disk_leaves_no_half_letters(
    store: DeadLetterStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.add(letters(clock, 1))
    whole = next((tmp_path / "search").glob("*.ndjson")).read_bytes()
    real = os.pwrite

    def half(fd: int, data: bytes, offset: int) -> int:
        if len(data) < 50:
            raise OSError(28, "No space left on device")
        return real(fd, bytes(data)[: len(data) // 2], offset)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(OSError, match="No space"):
        store.add(letters(clock, 1, 9))
    assert next((tmp_path / "search").glob("*.ndjson")).read_bytes() == whole
