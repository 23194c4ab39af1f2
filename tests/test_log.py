import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from penstock.log import Format, Level, configure, quiet


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def said(style: Format, level: Level = "info") -> tuple[io.StringIO, Any]:
    out = io.StringIO()
    configure(level, style, out)
    return out, structlog.get_logger("test")


def test_json_for_machines() -> None:
    out, log = said("auto")  # no terminal
    log.warning("destination paused", destination="hook", path=io)
    (line,) = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (line["message"], line["level"], line["destination"]) == ("destination paused", "warning", "hook")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("level", "prefix"),
    [("debug", "<7>"), ("info", "<6>"), ("warning", "<4>"), ("error", "<3>"), ("critical", "<2>")],
)
def test_journald_reads_the_level_from_the_prefix(level: str, prefix: str) -> None:
    out, log = said("journald", "debug")
    getattr(log, level)("here")
    line = out.getvalue()
    assert line.startswith(prefix)
    assert json.loads(line.removeprefix(prefix))["level"] == level


def test_colours_only_on_a_terminal() -> None:
    out, log = said("console")
    log.info("ready", node="n")
    assert "ready" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_what_is_less_important_is_not_told() -> None:
    out, log = said("json", "warning")
    log.info("here")
    assert out.getvalue() == ""


@pytest.mark.parametrize("style", ["json", "console", "journald"])
def test_a_secret_is_not_told(style: Format) -> None:
    out, log = said(style)
    log.info("here", token=SecretStr("hunter2"))
    assert "hunter2" not in out.getvalue()
    assert "**********" in out.getvalue()


def test_libraries_are_heard_from_warning_on_and_in_the_same_form() -> None:
    out, _ = said("json", "debug")
    logging.getLogger("asyncio").info("chatter")
    logging.getLogger("asyncio").warning("slow callback")
    (line,) = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (line["message"], line["level"]) == ("slow callback", "warning")


def test_a_crash_has_its_traceback() -> None:
    out, log = said("json")
    log.error("task crashed", exc_info=ValueError("why"))
    assert "ValueError: why" in json.loads(out.getvalue())["exception"]


@pytest.mark.parametrize("style", ["json", "console", "journald"])
def test_a_traceback_shows_no_local_variables(style: Format) -> None:
    out, log = said(style)

    def fails() -> None:
        password = "hunter" + str(2)
        raise ValueError(len(password))

    try:
        fails()
    except ValueError:
        log.exception("it failed")
    assert "ValueError" in out.getvalue()
    assert "hunter2" not in out.getvalue()


def test_where_it_is_quiet_nothing_is_told_and_then_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    with quiet():
        structlog.get_logger("x").error("lost")
    assert capsys.readouterr() == ("", "")
    assert structlog.get_config() == before
