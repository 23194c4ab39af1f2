"""The source as a whole: what is written to files comes once, through rotation, deletion and restarts."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock import process
from penstock.clock import SystemClock
from penstock.errors import Unavailable
from penstock.sources import file_tail
from penstock.sources.base import Source, SourceContext
from penstock.sources.file import FileSettings
from penstock.testing.acceptor import Acceptor
from penstock.testing.waiting import eventually


class Following:
    """A source over one folder; started again it goes on from its positions."""

    def __init__(self, folder: Path, positions: Path | None) -> None:
        self.folder = folder
        self.taken = Acceptor()
        self.settings: dict[str, Any] = {"path": f"{folder}/*.log", "poll": 0.01}
        self._positions = positions
        self._source: Source | None = None

    @property
    def source(self) -> Source:
        assert self._source is not None
        return self._source

    async def start(self, **settings: Any) -> None:
        self.settings |= settings
        model = FileSettings(type="file", **self.settings)
        self._source = model.build(
            SourceContext("app", "host-1", SystemClock(), positions=self._positions, kept=self.taken)
        )
        await self._source.start(self.taken)

    async def stop(self) -> None:
        await self.source.stop()

    def messages(self) -> list[object]:
        return [event.get("message") for event in self.taken.events()]

    async def has(self, *messages: object) -> None:
        """These have come and nothing else, in this order."""
        with suppress(AssertionError):
            await eventually(lambda: len(self.messages()) >= len(messages), "events", 10)
        assert self.messages() == list(messages)

    async def has_read(self, files: int) -> None:
        """It knows so many, and nothing is left to read."""
        stats = self.source.stats
        await eventually(lambda: stats.files >= files and not stats.bytes_behind, "all is read")

    async def looks(self) -> None:
        """It has looked again, whatever there was to see."""
        files = self.source.stats.files
        new = self.write("looked.log")
        await eventually(lambda: self.source.stats.files > files, "a look")
        new.unlink()

    def write(self, name: str, *lines: object) -> Path:
        path = self.folder / name
        with path.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        return path


@pytest.fixture
async def following(tmp_path: Path) -> AsyncIterator[Following]:
    (tmp_path / "logs").mkdir()
    made = Following(tmp_path / "logs", tmp_path / "positions")
    yield made
    if made._source is not None:
        await made.stop()


def rename(path: Path, number: int) -> None:
    path.rename(f"{path}.{number}")


def copytruncate(path: Path, number: int) -> None:
    shutil.copy(path, f"{path}.{number}")
    os.truncate(path, 0)


def shift(path: Path, most: int) -> None:
    """Older ones move on by one; of those there are, the oldest goes."""
    for number in range(most, 0, -1):
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{number}").rename(f"{path}.{number + 1}")
    path.with_name(f"{path.name}.{most + 1}").unlink(missing_ok=True)


Rotate = Callable[[Path, int], None]
rotations = pytest.mark.parametrize("rotate", [rename, copytruncate])


async def test_lines_come_as_they_are_written(following: Following) -> None:
    following.write("a.log", "one", '{"message":"two"}')
    await following.start()
    await following.has("one", "two")
    with (following.folder / "a.log").open("a") as file:
        file.write("thr")
        file.flush()
        await following.has("one", "two")
        file.write("ee\n\nfour\n")
    await following.has("one", "two", "three", "four")
    assert following.source.stats.blank == 1


async def test_what_appears_later_is_read_from_its_beginning(following: Following) -> None:
    following.write("old.log", "before")
    with (following.folder / "old.log").open("a") as file:
        file.write("half ")
    await following.start(start="end")
    await eventually(lambda: following.source.stats.files == 1, "the first look")
    following.write("new.log", "new")
    await following.has("new")
    following.write("old.log", "line", "after")
    await following.has("new", "after")


@rotations
@pytest.mark.parametrize("reading", [True, False])
async def test_a_rotated_file_is_read_to_its_end_before_the_new_one(
    following: Following, rotate: Rotate, reading: bool
) -> None:
    path = following.write("a.log", "1", "2")
    await following.start()
    await following.has("1", "2")
    if not reading:
        following.source.pause()
    following.write("a.log", "3", "4")
    rotate(path, 1)
    following.write("a.log", "5")
    following.source.resume()
    await following.has("1", "2", "3", "4", "5")
    following.write("a.log", "6")
    await following.has("1", "2", "3", "4", "5", "6")


@rotations
async def test_rotated_more_often_than_looked(following: Following, rotate: Rotate) -> None:
    path = following.write("a.log", "0")
    await following.start()
    await following.has("0")
    await following.stop()
    for number in range(1, 6):
        following.write("a.log", f"{number}")
        rotate(path, 10 - number)
    following.write("a.log", "6")
    await following.start()
    await following.has(*[str(number) for number in range(7)])


@rotations
async def test_rotation_under_a_name_that_the_pattern_matches(following: Following, rotate: Rotate) -> None:
    path = following.write("a.log", "1")
    await following.start(path=f"{following.folder}/a.log*")
    for number in range(1, 10):
        await following.has(*[str(n) for n in range(1, number + 1)])
        rotate(path, number)
        following.write("a.log", number + 1)
    await following.has(*[str(n) for n in range(1, 11)])


@rotations
async def test_the_same_names_again_under_a_pattern_that_matches_them(
    following: Following, rotate: Rotate
) -> None:
    path = following.write("a.log", "1")
    await following.start(path=f"{following.folder}/a.log*")
    for number in range(1, 12):
        await following.has(*[str(n) for n in range(1, number + 1)])
        shift(path, 3)
        rotate(path, 1)
        following.write("a.log", number + 1)
    await following.has(*[str(n) for n in range(1, 13)])


@rotations
async def test_a_restart_goes_on_where_it_was(following: Following, rotate: Rotate) -> None:
    path = following.write("a.log", "1")
    for number in range(2, 12, 2):
        await following.start(start="end" if number > 2 else "beginning")
        await following.has(*[str(n) for n in range(1, number)])
        following.write("a.log", number)
        await following.stop()
        rotate(path, number)
        following.write("a.log", number + 1)
    await following.start()
    await following.has(*[str(n) for n in range(1, 12)])


@pytest.mark.parametrize("lives", [1, 2, 3])
@pytest.mark.parametrize("first", [(), ("0",)])
async def test_cut_to_nothing_before_its_first_line_was_read(
    following: Following, lives: int, first: tuple[str, ...]
) -> None:
    """An empty file has no beginning by which it could be known."""
    path = following.write("a.log", *first)
    await following.start()
    await following.has(*first)
    os.truncate(path, 0)
    await following.looks()
    await following.stop()
    for life in range(lives):
        shift(path, 9)
        following.write("a.log", f"{life}a", f"{life}b")
        copytruncate(path, 1)
        await asyncio.sleep(0.02)  # the kernel's clock for files goes in steps
    following.write("a.log", "last")
    await following.start()
    await following.has(*first, *[f"{life}{line}" for life in range(lives) for line in "ab"], "last")


async def test_a_file_made_and_rotated_between_two_looks(following: Following) -> None:
    following.write("b.log", "0")
    await following.start(poll=0.5)
    await following.has("0")
    path = following.write("a.log", "1")
    path.rename(f"{path}.1")
    following.write("a.log", "2")
    await following.has("0", "1", "2")


async def test_an_inode_that_was_given_to_another_file(following: Following) -> None:
    """After a restart only the beginning tells: what has the inode of a file that went is a copy of another."""
    path = following.write("a.log", "a")
    gone = following.write("b.log", "the one that went", "x" * 100)
    await following.start()
    await following.taken.wait_for(3)
    await following.stop()
    before = following.messages()
    following.write("a.log", "unread")
    shutil.copy(path, gone)  # the inode stays, all else is another file's
    gone.rename(f"{path}.1")
    os.truncate(path, 0)
    following.write("a.log", "new")
    await following.start()
    await following.has(*before, "unread", "new")


async def test_names_that_move_on_while_they_are_looked_at_after_a_restart(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is taken for deleted then: its lines would be missed, or read anew."""
    path = following.write("a.log", "1")
    await following.start()
    await following.has("1")
    await following.stop()
    following.write("a.log", "2")
    rename(path, 1)
    following.write("a.log", "3")
    scandir, steps = os.scandir, iter(range(1, 12))

    def moving_on(folder: str) -> Any:
        if Path(folder) != following.folder:
            return scandir(folder)
        with scandir(folder) as entries:
            listed = list(entries)
        for step in steps:
            (following.folder / f"a.log.{step}").rename(following.folder / f"a.log.{step + 1}")
            break
        return nullcontext(listed)

    monkeypatch.setattr(os, "scandir", moving_on)
    await following.start()
    await following.has("1", "2", "3")
    assert following.source.stats.bytes_missed == 0
    assert next(steps, None) is None


async def empty_and_rotated(following: Following) -> Path:
    """A file of no line that has lost its name while it was followed."""
    path = following.write("a.log")
    await following.start()
    await following.has_read(1)
    rename(path, 1)
    return path


@pytest.mark.parametrize("reading", [False, True])
async def test_an_empty_file_that_was_rotated_gets_its_first_line_while_nobody_looks(
    following: Following, reading: bool
) -> None:
    await empty_and_rotated(following)
    following.write("a.log", *["new"] * reading)
    await following.has_read(2)
    await following.has(*["new"] * reading)
    await following.stop()
    following.write("a.log.1", "late")
    await following.start()
    await following.has(*["new"] * reading, "late")


@pytest.mark.parametrize("cut_while", ["away", "there"])
async def test_the_inode_of_an_empty_file_that_was_given_to_a_copy(
    following: Following, cut_while: str
) -> None:
    path = await empty_and_rotated(following)
    following.write("a.log", "1")
    await following.has("1")
    await following.stop()
    following.write("a.log", "2")
    shutil.copy(path, f"{path}.1")  # the inode stays
    if cut_while == "there":
        await following.start()
        await following.has("1", "2")
        await following.looks()
    os.truncate(path, 0)
    following.write("a.log", "3")
    if cut_while == "away":
        await following.start()
    await following.has("1", "2", "3")


async def test_a_copy_that_was_made_before_the_last_lines_were_read(following: Following) -> None:
    """What is written between copy and cut is lost to all who are not quick; who was does not read the copy again."""
    lines = [f"{number:03} {'.' * 40}" for number in range(40)]
    path = following.write("a.log", *lines)
    await following.start()
    await following.has(*lines)
    shutil.copy(path, f"{path}.1")
    following.write("a.log", "between")
    await following.has(*lines, "between")
    os.truncate(path, 0)
    following.write("a.log", "after")
    await following.has(*lines, "between", "after")


async def test_a_log_of_its_own_is_not_taken_for_a_rotated_one(following: Following) -> None:
    """`app-1.log` beside `app.log` may be another program's."""
    path = following.write("app.log", "1")
    await following.start(path=str(path))
    await following.has("1")
    os.truncate(path, 0)
    following.write("app-1.log", "another's")
    following.write("app.log", "2")
    await following.has("1", "2")


@pytest.mark.parametrize("machine", [False, True], ids=["process", "machine"])
async def test_a_crash_neither_loses_nor_doubles(
    following: Following, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: bool
) -> None:
    """However little of the positions reached the disk: the journal's marks tell the rest."""
    log = tmp_path / "positions/app.log"
    path = following.write("a.log", *range(5))
    await following.start()
    await following.has(*map(str, range(5)))
    await following.stop()
    await following.start()
    begun = log.stat().st_size  # these were written whole or not at all
    for number in range(5, 9):
        following.write("a.log", number)
        await following.has(*map(str, range(number + 1)))
    copytruncate(path, 1)
    following.write("a.log", 9)
    await following.has(*map(str, range(10)))
    following.write("b.log", 10)
    await following.has(*map(str, range(11)))
    await following.stop()
    written = log.read_bytes()
    if machine:
        monkeypatch.setattr(process, "boot_id", lambda: "another")
    for end in range(begun, len(written) + 1, 29):
        log.write_bytes(written[:end])
        await following.start()
        await following.has_read(2)
        assert following.messages() == list(map(str, range(11)))
        await following.stop()


async def test_a_writer_that_goes_on_in_the_rotated_file_is_heard(following: Following) -> None:
    path = following.write("a.log", "1")
    await following.start()
    await following.has("1")
    with path.open("a") as old:
        path.rename(f"{path}.1")
        following.write("a.log", "new")
        await following.has("1", "new")
        old.write("late\n")
    await following.has("1", "new", "late")


async def test_a_deleted_file_is_read_to_its_end(following: Following) -> None:
    path = following.write("a.log", "1")
    await following.start()
    await following.has("1")
    following.source.pause()
    with path.open("a") as file:
        file.write("2\nunfinished")
    await eventually(lambda: following.source.stats.bytes_behind, "it is seen")
    path.unlink()
    following.write("b.log", "other")
    await eventually(lambda: following.source.stats.files == 2, "both are known")
    following.source.resume()
    await following.stop()
    assert sorted(map(str, following.messages())) == ["1", "2", "unfinished"] or sorted(
        map(str, following.messages())
    ) == ["1", "2", "other", "unfinished"]
    assert following.source.stats.bytes_missed == 0


async def test_a_file_that_went_while_nobody_looked_is_given_up(following: Following) -> None:
    path = following.write("a.log", "1")
    await following.start()
    await following.has("1")
    await following.stop()
    following.write("a.log", "12345")
    path.unlink()
    following.write("b.log", "2")
    await following.start()
    await following.has("1", "2")
    await eventually(lambda: following.source.stats.files == 1, "it is given up")
    assert following.source.stats.bytes_missed == 0  # how long it had become nobody has seen


async def test_another_file_under_the_same_inode(following: Following) -> None:
    path = following.write("a.log", "a rather long first line", "more")
    await following.start()
    await following.has("a rather long first line", "more")
    with path.open("r+") as file:
        file.write("another file, that is longer than the one before\n")
    await following.has(
        "a rather long first line", "more", "another file, that is longer than the one before"
    )


async def test_a_hole_is_no_line(following: Following) -> None:
    path = following.folder / "a.log"
    with path.open("w") as writer:  # not for appending: it goes on at its old place
        writer.write("x" * 500_000 + "\n")
        writer.flush()
        await following.start(max_line="1KiB")
        await following.taken.wait_for(1)
        os.truncate(path, 0)
        writer.write("after\n")
        writer.flush()
        await following.taken.wait_for(2)
    assert following.messages()[1] == "after"


@pytest.mark.parametrize("long_lines", ["cut", "drop"])
async def test_long_lines_are_bounded(following: Following, long_lines: str) -> None:
    long = "y" * 700_000
    path = following.write("a.log", "a", long, "b", "z" * 2000, "c")
    with path.open("a") as file:
        file.write(long)
    await following.start(max_line="1KiB", long_lines=long_lines)
    await following.taken.wait_for(6 if long_lines == "cut" else 3)
    await following.stop()
    following.write("a.log", long, "d")
    await following.start()
    await following.taken.wait_for(7 if long_lines == "cut" else 4)
    short = [message for message in following.messages() if len(str(message)) < 10]
    assert short == ["a", "b", "c", "d"]
    assert all(len(str(message)) <= 1024 for message in following.messages())


async def test_the_path_as_a_field(following: Following) -> None:
    path = following.write("a.log", "1", '{"file":"own"}')
    await following.start(add_path=True, add_host=True)
    await following.taken.wait_for(2)
    path.rename(f"{path}.1")
    following.write("a.log", "2")
    await following.taken.wait_for(3)
    events = following.taken.events()
    assert [event["file"] for event in events] == [str(path), "own", str(path)]
    assert all(event["host"] == "host-1" for event in events)


async def test_thousands_of_files_and_few_descriptors(following: Following) -> None:
    names = [f"{number}.log" for number in range(2000)]
    for name in names:
        following.write(name, f"first of {name}")
    await following.start(max_open=20)
    await following.taken.wait_for(2000)
    for name in names[::100]:
        following.write(name, f"second of {name}")
    await following.taken.wait_for(2020)
    await eventually(lambda: following.source.stats.files_open <= 20, "few are open")
    assert len(set(following.messages())) == 2020
    assert len(following.taken.blocks) < 1000


async def test_compressed_and_excluded_files_are_left_out(following: Following) -> None:
    for name in ("a.log", "a.log.1.gz", "b.log", "sub/c.log"):
        (following.folder / name).parent.mkdir(exist_ok=True)
        following.write(name, name)
    await following.start(path=f"{following.folder}/**/*.log*", exclude=["b.*"])
    await following.has("a.log", "sub/c.log")


async def test_a_symbolic_link_is_followed_and_a_file_is_read_once(following: Following) -> None:
    target = following.folder / "data"
    target.mkdir()
    following.write("data/0.txt", "1")
    link = following.folder / "pod.log"
    link.symlink_to(target / "0.txt")
    await following.start(path=[f"{following.folder}/*.log", f"{following.folder}/data/*.txt"])
    await following.has("1")
    await following.stop()


async def test_paused_nothing_is_read(following: Following) -> None:
    await following.start()
    following.source.pause()
    following.write("a.log", "1")
    await eventually(lambda: following.source.stats.bytes_behind == 2, "it is seen")
    assert following.messages() == []
    following.source.resume()
    await following.has("1")


async def test_what_is_not_written_down_is_read_again(following: Following) -> None:
    following.write("a.log", "1")
    following.taken.written = False
    following.taken.failure = Unavailable("the disk is full")
    await following.start()
    await following.has("1")
    await following.stop()
    following.taken.failure = None
    following.taken.blocks.clear()
    await following.start()
    await following.has("1")
    await following.stop()
    await following.start()
    following.write("a.log", "2")
    await following.has("1", "2")


async def test_without_a_folder_nothing_is_remembered(tmp_path: Path) -> None:
    following = Following(tmp_path, None)
    following.write("a.log", "1")
    for _ in range(2):
        await following.start()
        await following.has_read(1)
        await following.stop()
    assert following.messages() == ["1", "1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_what_may_not_be_read_is_told_once_and_tried_again(following: Following) -> None:
    following.write("a.log", "1").chmod(0)
    await following.start()
    await eventually(lambda: following.source.stats.files_unreadable == 1, "it is refused")
    (following.folder / "a.log").chmod(0o600)
    await following.has("1")


async def test_a_crash_is_told_to_who_waits_for_the_end(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(file_tail, "cut", crash)
    following.write("a.log", "1")
    await following.start()
    with pytest.raises(RuntimeError, match="a bug"):
        await following.source.ended()


@pytest.mark.parametrize("path", [[], "relative/*.log", [""]])
def test_paths_that_cannot_be_meant(path: object) -> None:
    with pytest.raises(ValidationError):
        FileSettings.model_validate({"type": "file", "path": path})


async def test_names_that_are_not_utf8(following: Following) -> None:
    name = b"\xff.log".decode(errors="surrogateescape")
    path = following.write(name, "1")
    await following.start(add_path=True)
    await following.has("1")
    await following.stop()
    following.write(name, "2")
    await following.start()
    await following.has("1", "2")
    path.write_text("3\n")  # cut: what is missing is told in the log
    await following.has("1", "2", "3")
    assert {event["file"] for event in following.taken.events()} == {
        f"{following.folder}/\N{REPLACEMENT CHARACTER}.log"
    }
