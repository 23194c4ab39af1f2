import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.wire.appending import OpenFile

IN_A_SMALL_WORLD = """
import resource, sys
from pathlib import Path
from penstock.wire.appending import OpenFile

path, torn = Path(sys.argv[1]), sys.argv[2]
path.write_text(torn)
file = OpenFile(path, 0o600)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
line = b"x" * 999 + b"\\n"
file.append(line, sync=False)
try:
    file.append(line * 9, sync=False)
except OSError as exc:
    print(exc.errno, path.stat().st_size)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
file.append(line * 9, sync=False)
print(path.stat().st_size)
"""


@pytest.mark.parametrize(("torn", "first"), [("", 1000), ("half", 1005)])
def test_a_write_that_stops_midway_leaves_the_file_as_it_was(tmp_path: Path, torn: str, first: int) -> None:
    told = subprocess.run(
        [sys.executable, "-c", IN_A_SMALL_WORLD, str(tmp_path / "log"), torn],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told == [str(errno.EFBIG), str(first), str(first + 9000)]
    lines = (tmp_path / "log").read_bytes().splitlines()
    assert [len(line) for line in lines if line != b"half"] == [999] * 10


def test_a_full_disk_is_the_systems_error(tmp_path: Path) -> None:
    file = OpenFile(Path("/dev/full"), 0o600)
    with pytest.raises(OSError, match="No space left on device") as caught:
        file.append(b"x\n", sync=True)
    assert caught.value.errno == errno.ENOSPC
    file.close()


@given(torn=st.binary(max_size=20), batches=st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_lines_never_run_into_each_other(
    tmp_path_factory: pytest.TempPathFactory, torn: bytes, batches: list[int]
) -> None:
    path = tmp_path_factory.mktemp("f") / "log"
    path.write_bytes(torn)
    line = b'{"n":1}\n'
    for count in batches:
        file = OpenFile(path, 0o600)  # each time as after a restart
        file.append(line * count, sync=False)
        file.close()
    ended = torn if not torn or torn.endswith(b"\n") else torn + b"\n"
    assert path.read_bytes() == ended + line * sum(batches)


def test_folders_are_made_and_the_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "log"
    file = OpenFile(path, 0o600)
    file.append(b"x\n", sync=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not file.dirty
    file.close()


def test_another_hand_on_the_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = OpenFile(path, 0o600)
    assert file.in_place
    path.rename(tmp_path / "moved")
    assert not file.in_place
    path.touch()
    assert not file.in_place
    file.close()


def test_a_pipe_can_be_written_too(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    file = OpenFile(path, 0o600)
    assert not file.regular
    file.append(b"x\n", sync=True)
    reader = os.open(path, os.O_RDONLY)
    assert os.read(reader, 10) == b"x\n"
    os.close(reader)
    file.close()
