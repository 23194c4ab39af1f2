"""The file of positions: what is in it counts as far as its boot and the journal say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.sources.file_position import Mark, Position, Subject, encode_mark
from penstock.sources.file_positions import LARGEST, Positions

A = Subject("/a", 1, 10, Mark(5, 6))
B = Subject("/b", 1, 11)
Open = Callable[..., Positions]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "positions/app.log"


@pytest.fixture
def opened(path: Path) -> Open:
    def opened(boot: str = "boot", marks: tuple[bytes, ...] = (), head: int = 0) -> Positions:
        positions = Positions(path, boot)
        positions.begin(marks, head)
        return positions

    return opened


def at(offset: int) -> Position:
    return Position(offset, near=Mark(offset, 1), mtime=offset)


def test_what_was_written_counts_under_the_same_boot_and_what_was_synced_under_any(opened: Open) -> None:
    positions = opened()
    positions.file(positions.new_key(), A, Position())
    positions.at(3, {1: at(30)})
    positions.safe(3, {1: at(30)})
    positions.at(5, {1: at(50)})
    positions.close()
    same, other, unknown = (Positions(positions._path, boot) for boot in ("boot", "other", ""))
    assert [(found.known[1].at, found.seq) for found in (same, other, unknown)] == [
        (at(50), 5),
        (at(30), 3),
        (at(30), 3),
    ]
    assert same.known[1].subject == A


def test_marks_of_the_journal_go_beyond(opened: Open) -> None:
    positions = opened()
    positions.file(positions.new_key(), A, Position())
    positions.close()
    found = opened(
        marks=(encode_mark([(1, A, at(20))]), encode_mark([(2, B, at(7)), (1, A, at(40))])), head=9
    )
    assert {key: known.at for key, known in found.known.items()} == {1: at(40), 2: at(7)}
    assert found.known[2].subject == B
    assert found.new_key() == 3
    found.close()
    assert Positions(found._path, "other").seq == 9


def test_of_two_that_claim_a_file_the_older_one_is_where_its_mark_says(opened: Open) -> None:
    """The machine died when a file had been cut, and its copy stood in the journal only."""
    positions = opened()
    positions.file(positions.new_key(), A, at(10))
    positions.close()
    copy = Subject("/a", 1, 99, A.head)
    again = Subject("/a", A.dev, A.ino)
    found = opened(
        "other", (encode_mark([(1, A, at(20))]), encode_mark([(1, copy, at(30)), (2, again, at(3))]))
    )
    assert {key: (known.subject, known.at) for key, known in found.known.items()} == {
        1: (copy, at(30)),
        2: (again, at(3)),
    }


def test_a_number_is_never_given_twice(opened: Open) -> None:
    positions = opened()
    for _ in range(3):
        positions.file(positions.new_key(), A, Position())
    positions.gone(3)
    positions.close()
    again = opened()
    assert sorted(again.known) == [1, 2]
    assert again.new_key() == 4


def test_a_file_of_garbage_is_none(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    path.write_bytes(b"00000000 [1]\n\xff")
    positions = opened()
    assert (positions.known, positions.seq) == ({}, 0)
    assert Positions(path, "boot").seq == 0  # it has been written anew


def test_it_is_written_anew_before_it_is_too_large(path: Path, opened: Open) -> None:
    positions = opened()
    positions.file(positions.new_key(), A, Position())
    while path.stat().st_size <= LARGEST:
        for number in range(2000):
            positions.at(number, {1: at(number)})
    positions.safe(2000, {1: at(2000)})
    assert path.stat().st_size < 1000
    assert path.stat().st_mode & 0o777 == 0o600
    positions.close()
    found = Positions(path, "other")
    assert (found.known[1].at, found.seq) == (at(2000), 2000)


def test_a_disk_that_refuses_is_told_once_and_taken_again(
    path: Path, opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    path.parent.write_text("in the way")
    positions = opened()
    positions.file(positions.new_key(), A, Position())
    for number in range(3):
        positions.safe(number, {1: at(number)})
    path.parent.unlink()
    positions.safe(9, {1: at(9)})
    positions.close()
    assert Positions(path, "boot").known[1].at == at(9)
    out = capsys.readouterr().out
    assert out.count("positions cannot be kept") == out.count("positions can be kept again") == 1


def test_without_a_path_nothing_is_kept(tmp_path: Path) -> None:
    positions = Positions(None, "boot")
    positions.begin((), 5)
    positions.file(positions.new_key(), A, Position())
    positions.at(6, {1: at(1)})
    positions.safe(6, {1: at(1)})
    positions.close()
    assert list(tmp_path.iterdir()) == []
