"""What `penstock run` reads before it starts the daemon."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from penstock.cli.run import Reader
from penstock.errors import ConfigError
from penstock.plugins import type_of


def test_options_win_over_the_file(config: Path) -> None:
    with ExitStack() as cleanup:
        settings = Reader(config, False, "debug", "json", cleanup)()
    assert (settings.log.level, settings.log.format) == ("debug", "json")


def test_without_options_the_file_holds(config: Path) -> None:
    with ExitStack() as cleanup:
        settings = Reader(config, False, None, None, cleanup)()
    assert (settings.log.level, settings.log.format) == ("info", "auto")


def test_a_dash_stands_in_place_of_the_sources(config: Path) -> None:
    with ExitStack() as cleanup:
        settings = Reader(config, True, None, None, cleanup)()
    assert {name: type_of(type(source)) for name, source in settings.sources.items()} == {"stdin": "stdin"}
    assert list(settings.destinations) == ["hook", "out"]


def test_a_dash_needs_no_configuration_and_leaves_nothing_behind() -> None:
    with ExitStack() as cleanup:
        settings = Reader(None, True, None, None, cleanup)()
        folder = settings.journal.path
        assert folder.is_dir()
        assert (settings.journal.type, settings.admin.enabled) == ("memory", False)
        assert settings.destinations["console"].type == "console"
    assert not folder.exists()


def test_each_reload_reads_again(config: Path) -> None:
    with ExitStack() as cleanup:
        read = Reader(config, False, None, None, cleanup)
        assert read().drain_timeout == 20.0
        config.write_text(config.read_text() + "drain_timeout: 3s\n")
        assert read().drain_timeout == 3.0
        config.write_text("oops")
        with pytest.raises(ConfigError):
            read()


def test_nothing_to_read() -> None:
    with ExitStack() as cleanup, pytest.raises(ConfigError, match="read standard input with -"):
        Reader(None, False, None, None, cleanup)
