import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.compression import zstd
from penstock.wire.rotation import rotate, rotated, tidy

NOON = 1_795_521_600.0  # 2026-11-24T12:00:00Z


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def make(path: Path, text: str, at: float) -> Path:
    path.write_text(text)
    return rotate(path, at)


def test_a_rotated_file_is_named_by_its_time_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for text in ("one", "two", "three"):
        make(path, text, NOON)
    assert names(tmp_path) == [
        "app.log.2026-11-24T12-00-00",
        "app.log.2026-11-24T12-00-00.1",
        "app.log.2026-11-24T12-00-00.2",
    ]
    assert [one.path.read_text() for one in rotated(path)] == ["one", "two", "three"]


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=12))
def test_the_order_is_that_of_rotation_whatever_the_clock_does(
    tmp_path_factory: pytest.TempPathFactory, jumps: list[int]
) -> None:
    path = tmp_path_factory.mktemp("r") / "log"
    for number, jump in enumerate(jumps):
        make(path, str(number), NOON + jump)
        if number % 3 == 2:
            tidy(path, 0, "gzip")
    texts = [
        gzip.decompress(one.path.read_bytes()) if one.suffix else one.path.read_bytes()
        for one in rotated(path)
    ]
    assert texts == [str(number).encode() for number in range(len(jumps))]


def test_only_its_own_rotated_files_are_touched(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    others = ["app.log", "app.log.1", "app.log.old", "app.log.2026-11-24", "x.app.log.2026-11-24T12-00-00"]
    for name in others:
        (tmp_path / name).write_text(name)
    make(tmp_path / "app.log.b", "b", NOON)
    make(tmp_path / "other", "o", NOON)
    before = names(tmp_path)
    tidy(path, 1, "gzip")
    assert names(tmp_path) == before


@pytest.mark.parametrize(("how", "suffix"), [("gzip", ".gz"), ("zstd", ".zst")])
def test_rotated_files_are_compressed_and_keep_mode_and_time(tmp_path: Path, how: str, suffix: str) -> None:
    path = tmp_path / "app.log"
    text = "a line\n" * 300_000
    plain = make(path, text, NOON)
    plain.chmod(0o604)
    os.utime(plain, (NOON, NOON))
    tidy(path, 0, "gzip" if how == "gzip" else "zstd")
    (one,) = rotated(path)
    assert names(tmp_path) == [f"app.log.2026-11-24T12-00-00{suffix}"]
    data = one.path.read_bytes()
    assert (gzip.decompress(data) if how == "gzip" else zstd.decompress(data)) == text.encode()
    assert one.path.stat().st_mode & 0o777 == 0o604
    assert one.path.stat().st_mtime == NOON


def test_the_newest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    for number in range(5):
        make(path, str(number), NOON + number)
        tidy(path, 3, "gzip" if number == 2 else "none")
    assert [one.path.name[-8:] for one in rotated(path)] == ["00-02.gz", "12-00-03", "12-00-04"]


def test_what_a_crash_left_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "a*[b]?.log"
    first, second = make(path, "first", NOON), make(path, "second", NOON + 1)
    # Killed while the second was being compressed, and before that between rename and unlink of the first.
    (tmp_path / f".{second.name}.gz.part").write_bytes(gzip.compress(b"seco")[:10])
    first.with_name(first.name + ".gz").write_bytes(gzip.compress(b"first"))
    (tmp_path / ".unrelated.part").touch()
    tidy(path, 0, "gzip")
    assert names(tmp_path) == sorted([".unrelated.part", first.name + ".gz", second.name + ".gz"])
    assert [gzip.decompress(one.path.read_bytes()) for one in rotated(path)] == [b"first", b"second"]


def test_a_compression_that_fails_leaves_the_plain_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.log"
    plain = make(path, "text", NOON)

    def refuse(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        tidy(path, 0, "gzip")
    assert names(tmp_path) == [plain.name]
    assert plain.read_text() == "text"


def test_no_folder_has_no_rotated_files(tmp_path: Path) -> None:
    assert rotated(tmp_path / "gone" / "log") == []
