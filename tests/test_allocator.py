import ctypes
import subprocess
import sys

import pytest

from penstock import allocator


def test_glibc_takes_what_it_is_told() -> None:
    if getattr(ctypes.CDLL(None), "gnu_get_libc_version", None) is None:
        pytest.skip("no glibc")
    # In a process of its own: it cannot be undone.
    done = subprocess.run(
        [sys.executable, "-c", "from penstock.allocator import tune; print(tune())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "True"


def test_elsewhere_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert allocator.tune() is False
