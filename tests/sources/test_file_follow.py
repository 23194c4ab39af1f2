"""What a look makes of names that lead elsewhere by the time they are looked at: nothing, until the next look."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from penstock.sources.base import SourceStats
from penstock.sources.file_follow import QUIET, Follower, Following
from penstock.sources.file_names import TICK
from penstock.sources.file_positions import Positions
from penstock.sources.file_tail import Slice, Tail

Listed = Callable[[list[os.DirEntry[str]]], list[os.DirEntry[str]]]


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    """Of a file that was read to its end in an earlier life and is rotated; it holds none open."""
    path = tmp_path / "a.log"
    path.write_text("1\n")
    positions = Positions(None, "boot")
    following = Following([str(path)], max_open=0)
    Follower("app", following, positions, SourceStats()).look(0.0)
    path.rename(f"{path}.1")
    made = Follower("app", following, positions, SourceStats())
    made.look(1.0)
    yield made
    made.tails.close()


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Listed], None]:
    """Puts something between the listing of a folder and what is done with it."""
    scandir = os.scandir

    def put(between: Listed) -> None:
        def listed(folder: str) -> Any:
            with scandir(folder) as entries:
                return nullcontext(between(list(entries)))

        monkeypatch.setattr(os, "scandir", listed)

    return put


def the_one(follower: Follower) -> Tail:
    (tail,) = follower.tails.all()
    return tail


def test_a_file_whose_name_moves_on_is_followed(
    follower: Follower, tmp_path: Path, listing: Callable[[Listed], None]
) -> None:
    """Though it could not be opened: it was being renamed then, too."""
    tail = the_one(follower)
    assert tail.path == f"{tmp_path}/a.log.1"
    moved = 1

    def move_on(entries: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        nonlocal moved
        (tmp_path / f"a.log.{moved}").rename(tmp_path / f"a.log.{moved + 1}")
        moved += 1
        return entries

    listing(move_on)
    for now in (2.0, 3.0, 4.0, 5.0, 6.0):
        tail.due, tail.stale = False, True  # as after a read in vain
        follower.look(now)
        assert the_one(follower) is tail
    listing(list)
    assert follower.look(8.0)
    assert the_one(follower) is tail
    assert (tail.path, tail.due, tail.stale) == (f"{tmp_path}/a.log.{moved}", True, False)


def test_a_file_that_one_listing_leaves_out_is_followed(
    follower: Follower, listing: Callable[[Listed], None]
) -> None:
    """A folder that changes while it is listed, piece by piece, may show a file that is renamed under neither name."""
    tail = the_one(follower)
    listing(lambda _: [])
    tail.due, tail.stale = False, True  # as after a read in vain
    follower.look(2.0)
    listing(list)
    follower.look(3.0)
    assert the_one(follower) is tail
    assert not tail.gone
    assert tail.due


def test_a_file_that_went_before_it_was_read_is_counted(follower: Follower, tmp_path: Path) -> None:
    """Though first it could not be opened, as it went just then."""
    tail = the_one(follower)
    (tmp_path / "a.log.1").unlink()
    long_ago = time.time_ns() - 2 * TICK
    os.utime(tmp_path, ns=(long_ago, long_ago))
    tail.due, tail.stale = False, True  # as after a read in vain
    follower.look(2.0)
    follower.look(3.0)
    assert not follower.tails.all()
    assert follower._stats.bytes_missed == 2


def test_nobody_waits_for_a_file_that_is_done_with(tmp_path: Path) -> None:
    """Not even one that was found while the other, deleted and still held open, was read to its end."""
    path = tmp_path / "a.log"
    path.touch()
    follower = Follower("app", Following([str(path)]), Positions(None, "boot"), SourceStats())
    follower.look(0.0)
    went = the_one(follower)
    path.unlink()
    with (tmp_path / "a.log").open("w") as file:
        for now in (1.0, 1.0 + QUIET):
            assert isinstance(follower.read([went], 100, 100)[0], Slice)
            follower.look(now)
        file.write("1\n")
    live = follower.tails.live(str(path))
    assert live is not None
    live.waits_for.append(went)  # as who was found before
    assert isinstance(follower.read([went], 100, 100)[0], Slice)
    follower.look(2.0 + QUIET)
    assert went not in follower.tails.all()
    assert follower.tails.ready() == [live]
    follower.tails.close()


def test_a_copy_that_got_the_inode_of_a_file_that_went_since_the_look(
    follower: Follower, tmp_path: Path
) -> None:
    """It is read before what was written after it, though it seems to be followed already."""
    live, copy = tmp_path / "a.log", tmp_path / "a.log.1"
    went = the_one(follower)
    live.touch()
    follower.look(2.0)
    tail = follower.tails.live(str(live))
    assert tail is not None
    copy.write_text("2\n2\n")  # the inode stays
    live.write_text("3\n")
    assert follower.read([tail], 100, 100) == ["changed"]
    tail.due, tail.stale = False, True
    follower.look(3.0)
    assert went not in follower.tails.all()
    assert [(tail.path, tail.size) for tail in follower.tails.all()] == [(str(copy), 4), (str(live), 2)]
    assert follower._stats.bytes_missed == 0


@pytest.mark.parametrize("before", [0, 1])
def test_a_copy_that_got_the_inode_of_a_file_that_went_during_a_look(
    follower: Follower, tmp_path: Path, listing: Callable[[Listed], None], before: int
) -> None:
    """It is read in that file's stead, be it the first copy or the second; nobody waits for the file that went."""
    live, listings = tmp_path / "a.log", 0
    went = the_one(follower)
    live.touch()
    os.utime(live, (1, 1))  # copies are younger, whatever the steps of the clock for files
    follower.look(2.0)
    live.write_text("first\n")

    def cut(entries: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        nonlocal listings
        listings += 1
        if listings == 2:  # the files that are followed have been looked at
            for number in range(before, -1, -1):
                copy = tmp_path / f"a.log.{number + 1}"
                copy.write_text(live.read_text())  # of the last one the inode stays
                os.utime(copy, ns=(now := time.time_ns() - number * 10**6, now))
                live.write_text("second\n" if number else "")
            with os.scandir(tmp_path) as again:
                return list(again)
        return entries

    listing(cut)
    follower.look(3.0)
    paths = [tail.path for tail in follower.tails.all()]
    assert sorted(paths) == [str(live), *[f"{live}.{number + 1}" for number in range(before + 1)]]
    assert went not in follower.tails.all()
    assert went.key not in follower._positions.known
    assert not went.is_ahead
