"""What the daemon writes about itself."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr

from penstock.log import Format, configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = before[0]
    logging.root.setLevel(before[1])


@pytest.mark.parametrize("style", ["json", "console", "journald"])
def test_a_traceback_shows_no_local_variables(style: Format) -> None:
    out = io.StringIO()
    configure("info", style, out)

    def fails() -> None:
        password = "hunter" + str(2)
        raise ValueError(len(password))

    try:
        fails()
    except ValueError:
        structlog.get_logger().exception("it failed")
    assert "ValueError" in out.getvalue()
    assert "hunter2" not in out.getvalue()


def test_json_is_one_object_a_line_and_secrets_are_hidden() -> None:
    out = io.StringIO()
    configure("info", "json", out)
    structlog.get_logger().warning("told", token=SecretStr("hunter2"), count=3)
    line = json.loads(out.getvalue())
    assert (line["message"], line["level"], line["token"], line["count"]) == (
        "told",
        "warning",
        "**********",
        3,
    )


def test_journald_reads_the_level_from_the_prefix() -> None:
    out = io.StringIO()
    configure("info", "journald", out)
    log = structlog.get_logger()
    log.error("one")
    log.debug("below the level")
    (line,) = out.getvalue().splitlines()
    assert line.startswith('<3>{"')


def test_what_libraries_log_comes_out_in_the_same_form() -> None:
    out = io.StringIO()
    configure("info", "json", out)
    logging.getLogger("library").warning("%s said", "it")
    logging.getLogger("library").info("chatter")
    (line,) = out.getvalue().splitlines()
    assert (json.loads(line)["message"], json.loads(line)["level"]) == ("it said", "warning")
