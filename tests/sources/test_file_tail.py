"""One file: which of its bytes are whole lines, and whether it is still the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.file_names import look_at
from penstock.sources.file_position import Position
from penstock.sources.file_tail import HEAD, Slice, Tail, cut


@pytest.fixture
def tail(tmp_path: Path) -> Iterator[Tail]:
    path = tmp_path / "a.log"
    path.touch()
    found = look_at(str(path))
    assert found is not None
    tail = Tail(1, found.path, found.path, found.identity)
    yield tail
    tail.close()


def advance(tail: Tail, read: Slice) -> None:
    tail.position = Position(tail.position.offset + read.size, read.skipping, read.near, tail.mtime)


CASES = [
    # bytes            skipping  ends    lines            size  skipping then, long
    (b"a\nb\nc", False, False, b"a\nb\n", 4, False, False),
    (b"abc", False, False, b"", 0, False, False),
    (b"abc", False, True, b"abc\n", 3, False, False),
    (b"123456789", False, False, b"123456789", 9, True, True),
    (b"89\na\n", True, False, b"a\n", 5, False, False),
    (b"89\nab", True, False, b"", 3, False, False),
    (b"89", True, False, b"", 2, True, False),
    (b"89", True, True, b"", 2, False, False),
    (b"\0\0\0a\n", False, False, b"a\n", 5, False, False),
    (b"", False, True, b"", 0, False, False),
]


@pytest.mark.parametrize(("data", "skipping", "ends", "lines", "size", "then", "long"), CASES)
def test_what_is_whole(
    data: bytes, skipping: bool, ends: bool, lines: bytes, size: int, then: bool, long: bool
) -> None:
    read = cut(data, Position(0, skipping), 8, ends=ends)
    assert (read.lines, read.size, read.skipping, read.long) == (lines, size, then, long)


@given(
    st.lists(st.text("ab", max_size=9).map(str.encode) | st.just(b"x" * 100), max_size=20),
    st.lists(st.integers(1, 60), min_size=1, max_size=30),
)
def test_however_a_file_grows_each_line_comes_once(lines: list[bytes], steps: list[int]) -> None:
    """And of one that is too long its beginning."""
    data = b"".join(line + b"\n" for line in lines)
    came: list[bytes] = []
    position, there = Position(), 0
    for step in [*steps * len(data), len(data)]:
        there = min(len(data), there + step)
        read = cut(data[position.offset : there], position, 40, ends=False)
        came += [line[:40] for line in read.lines.removesuffix(b"\n").split(b"\n") if read.lines]
        position = Position(position.offset + read.size, read.skipping)
        if position.offset == len(data):
            break
    assert came == [line[:40] for line in lines]


def test_lines_come_as_it_grows(tail: Tail) -> None:
    with Path(tail.path).open("ab", buffering=0) as file:
        for part, lines in ((b"a", b""), (b"bc\nd", b"abc\n"), (b"\n", b"d\n"), (b"", b"")):
            file.write(part)
            read = tail.read(1000, 1000)
            assert isinstance(read, Slice)
            assert read.lines == lines
            advance(tail, read)


@pytest.mark.parametrize("size", [10, HEAD + 500])
@pytest.mark.parametrize(
    ("again", "same"),
    [(b"", False), (b"other" * 1000, False), (None, True)],
    ids=["cut", "cut and written", "grown"],
)
def test_it_is_known_by_its_bytes(tail: Tail, size: int, again: bytes | None, same: bool) -> None:
    path = Path(tail.path)
    before = b"%d\n" * size
    path.write_bytes(before)
    read = tail.read(10000, 1000)
    assert isinstance(read, Slice)
    advance(tail, read)
    path.write_bytes(before + b"more\n" if again is None else again)
    assert tail.same() == same
    assert (tail.read(10000, 1000) == "changed") != same
    tail.close()
    assert tail.same() == same


def test_a_file_that_went_and_one_in_its_place(tail: Tail, tmp_path: Path) -> None:
    path = Path(tail.path)
    (tmp_path / "other").touch()
    path.rename(tmp_path / "gone")
    assert tail.read(10, 10) == "gone"
    (tmp_path / "other").rename(path)
    assert tail.read(10, 10) == "gone"
    path.unlink()
    path.symlink_to(path)
    assert tail.read(10, 10) == "unreadable"
