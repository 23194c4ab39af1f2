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


def test_a_journal_in_memory_needs_no_folder(config: Path) -> None:
    config.write_text(config.read_text().replace("journal: {", "journal: {type: memory} # {"))
    whole = load(config, {})
    assert list(surroundings.unwritable(whole)) == []
    default = whole.journal.path
    assert default not in [folder for _, folder in surroundings._folders(whole)]
    assert default not in [folder.parent for _, folder in surroundings._folders(whole)]


def test_the_folder_of_dead_letters_is_looked_at(config: Path, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    config.write_text(config.read_text().replace("journal: {", "journal: {type: memory, "))
    (problem,) = surroundings.unwritable(load(config, {}))
    assert str(problem) == f"journal.path: {tmp_path}/journal is not a folder"


def test_files_to_follow_that_are_not_there_are_told(config: Path, tmp_path: Path) -> None:
    (tmp_path / "a.log").touch()
    paths = [f"{tmp_path}/*.log", f"{tmp_path}/*.txt", f"{tmp_path}/none/*/b.log"]
    config.write_text(
        config.read_text().replace("sources:\n", f"sources:\n  f: {{type: file, path: {paths}}}\n")
    )
    assert [str(problem) for problem in surroundings.unreadable(load(config, {}))] == [
        f"sources.f.path: {tmp_path}/*.txt matches nothing now",
        f"sources.f.path: {tmp_path}/none/*/b.log matches nothing now: there is no folder {tmp_path}/none",
    ]
