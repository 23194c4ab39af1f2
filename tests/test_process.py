import ctypes
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from penstock import process


def test_glibc_takes_what_it_is_told() -> None:
    if getattr(ctypes.CDLL(None), "gnu_get_libc_version", None) is None:
        pytest.skip("no glibc")
    # In a process of its own: it cannot be undone.
    program = "from penstock.process import tune_malloc; print(tune_malloc())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_elsewhere_malloc_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process.tune_malloc() is False


@pytest.fixture
def low() -> Iterator[tuple[int, int]]:
    """A soft limit of 256 open files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_files_may_be_open_afterwards(low: tuple[int, int]) -> None:
    reached = process.raise_file_limit()
    assert 256 < reached <= process.OPEN_FILES
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (reached, low[1])
    assert process.raise_file_limit() == reached
