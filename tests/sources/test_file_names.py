"""Names: what patterns match, and what rotation makes of them."""

import os
import time
from pathlib import Path

import pytest

from penstock.sources.file_names import (
    TICK,
    Identity,
    Moving,
    Scan,
    is_surely_rotated,
    matches,
    originals,
    scan,
)

ROTATED = [
    # what rotation made                 of what             without doubt
    ("app.log.1", "app.log", True),
    ("app.log.12", "app.log", True),
    ("app.log-20260131", "app.log", True),
    ("app.log-2026-01-31.3", "app.log", True),
    ("app.log.2026-01-31_12:30:00", "app.log", True),
    ("0.log.20260131-123000", "0.log", True),  # the kubelet
    ("app-20260131.log", "app.log", True),
    ("app.2026-01-31.0.log", "app.log", True),
    ("app.log.old", "app.log", True),
    ("app.log~", "app.log", True),
    ("syslog.1", "syslog", True),
    ("app-1.log", "app.log", False),
    ("app.3.log", "app.log", False),
]


@pytest.mark.parametrize(("name", "live", "surely"), ROTATED)
def test_names_that_rotation_gives(name: str, live: str, surely: bool) -> None:
    assert f"/logs/{live}" in set(originals(f"/logs/{name}"))
    assert is_surely_rotated(f"/logs/{name}", f"/logs/{live}") == surely


@pytest.mark.parametrize(
    "name", ["app.log", "app", "application.log", "app.logs", "app2.log", "x-app.log", "1.log", ".log"]
)
def test_names_of_their_own(name: str) -> None:
    assert "/logs/app.log" not in set(originals(f"/logs/{name}"))


def test_what_patterns_match(tmp_path: Path) -> None:
    for name in ("b.log", "a.log", "a.log.gz", "a.debug.log", "sub/deep/c.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "link.log").symlink_to("a.log")
    os.mkfifo(tmp_path / "pipe.log")

    def found(pattern: str, *exclude: str) -> list[str]:
        files = scan([f"{tmp_path}/{pattern}"], exclude).files.values()
        return [str(Path(file.path).relative_to(tmp_path)) for file in files]

    assert found("*.log") == ["a.debug.log", "a.log", "b.log"]
    assert found("*.log", "*.debug.*") == ["a.log", "b.log"]
    assert found("*.log", f"{tmp_path}/b*") == ["a.debug.log", "a.log"]
    assert found("**/*.log") == ["a.debug.log", "a.log", "b.log", "sub/deep/c.log"]
    assert found("a.log*") == ["a.log"]
    assert found("a.log.gz") == ["a.log.gz"]  # by its own name
    assert found("none/*.log") == []
    assert list(matches("/named", ["named"])) == []


def test_a_file_is_found_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"a\n")
    identity = identity_of(path)
    path.rename(tmp_path / "app.log.1")
    found = Scan().elsewhere(str(path), identity)
    assert found is not None
    assert found.path == str(tmp_path / "app.log.1")


def test_a_file_is_gone_only_if_names_stood_still_while_they_were_read(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"a\n")
    identity = identity_of(path)
    path.unlink()
    with pytest.raises(
        Moving
    ):  # the folder was changed a moment ago, and may be changed again under the same time
        Scan().elsewhere(str(path), identity)
    long_ago = time.time_ns() - 2 * TICK
    os.utime(tmp_path, ns=(long_ago, long_ago))
    assert Scan().elsewhere(str(path), identity) is None


def test_a_file_that_is_renamed_behind_the_look_is_not_gone(tmp_path: Path) -> None:
    path = tmp_path / "app.log.1"
    path.write_bytes(b"a\n")
    identity = identity_of(path)
    scan = Scan()
    assert scan.elsewhere(str(path), identity) is not None  # its folder has been read by now
    path.rename(tmp_path / "app.log.2")
    with pytest.raises(Moving):
        scan.elsewhere(str(path), identity)


def identity_of(path: Path) -> Identity:
    status = path.stat()
    return status.st_dev, status.st_ino
