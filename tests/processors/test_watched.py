from pathlib import Path

import pytest
from structlog.testing import capture_logs

from penstock.errors import PluginError
from penstock.processors.watched import LOOK_EVERY, Watched


def load(path: Path) -> str:
    text = path.read_text()
    if text == "broken":
        raise ValueError("is broken")
    return text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "table"
    path.write_text("one")
    return path


def look(watched: Watched[str], now: float) -> str:
    watched.at(now)
    watched.join()
    return watched.at(now)


def test_a_file_that_has_changed_is_loaded_again_but_not_looked_at_all_the_time(file: Path) -> None:
    watched = Watched(file, load, 0.0)
    file.write_text("second")
    assert look(watched, LOOK_EVERY - 1) == "one"
    assert look(watched, LOOK_EVERY) == "second"


def test_one_that_is_broken_or_gone_leaves_the_old_in_place(file: Path) -> None:
    watched = Watched(file, load, 0.0)
    file.write_text("broken")
    with capture_logs() as logs:
        assert look(watched, 10.0) == "one"
    assert [entry["error"] for entry in logs] == ["is broken"]
    file.unlink()
    assert look(watched, 20.0) == "one"
    file.write_text("good again")
    assert look(watched, 30.0) == "good again"


@pytest.mark.parametrize(("text", "why"), [("broken", "is broken"), (None, "No such file")])
def test_at_the_start_it_must_be_good(tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / "f").write_text(text)
    with pytest.raises(PluginError, match=why):
        Watched(tmp_path / "f", load, 0.0)
