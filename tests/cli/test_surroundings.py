"""What `check` looks at beyond the configuration."""

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.cli import surroundings
from penstock.settings import Settings, load


@pytest.fixture
def settings(config: Path) -> Callable[[str], Settings]:
    def settings(more: str = "") -> Settings:
        config.write_text(config.read_text().replace("destinations:\n", f"destinations:\n{more}"))
        return load(config, {})

    return settings


def test_the_folders_of_files_are_looked_at_up_to_the_first_date(
    settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("in the way")
    found = surroundings.unwritable(settings(f"  f: {{type: file, path: {tmp_path}/logs/%Y/%m.ndjson}}\n"))
    assert [str(problem) for problem in found] == [f"destinations.f.path: {tmp_path}/logs is not a folder"]


def test_looking_leaves_nothing_behind(settings: Callable[[str], Settings], tmp_path: Path) -> None:
    whole = settings("")
    before = sorted(tmp_path.iterdir())
    assert [
        *surroundings.unbuildable(whole),
        *surroundings.unwritable(whole),
        *surroundings.taken(whole),
    ] == []
    assert sorted(tmp_path.iterdir()) == before
