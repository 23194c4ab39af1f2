"""What the intake would make of a level, and what is meant."""

from typing import Any

import pytest

from penstock.destinations.datadog_levels import LONGEST, MISREAD, misread

STATUSES = ("emerg", "alert", "critical", "error", "warning", "notice", "info", "debug", "ok")


def as_the_intake_reads(level: object) -> str:
    """https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/, rule by rule."""
    if isinstance(level, int):
        return STATUSES[level] if 0 <= level <= 7 else "info"
    word = str(level).lower()
    rules = [(("emerg", "f"), "emerg"), (("a",), "alert"), (("c",), "critical"), (("err",), "error"), (("w",), "warning"),
             (("n",), "notice"), (("i",), "info"), (("d", "t", "v"), "debug"), (("o", "s"), "ok")]  # fmt: skip
    return next((status for begins, status in rules if word.startswith(begins)), "info")


def test_only_what_would_be_misread_is_said_again() -> None:
    harmless = {30, "30"}  # there for the sake of the rest of the numbers
    for written, status in MISREAD.items():
        assert status in STATUSES
        assert as_the_intake_reads(status) == status, "it is not misread in its turn"
        assert as_the_intake_reads(written) != status or written in harmless, written
        assert len(status) <= LONGEST


@pytest.mark.parametrize(
    ("word", "status"),
    [("warn", "warning"), ("err", "error"), ("fatal", "emerg"), ("trace", "debug"), ("crit", "critical"), ("Information", "info"), (3, "error")],
)  # fmt: skip
def test_the_words_of_most_loggers_are_left_to_it(word: object, status: str) -> None:
    assert as_the_intake_reads(word) == status
    assert misread([word]) == {}


@pytest.mark.parametrize(
    ("level", "status"),
    [("SEVERE", "error"), ("FINE", "debug"), ("Config", "info"), ("panic", "emerg"), ("E", "error"), ("dpanic", "critical"),
     (20, "debug"), (40, "warning"), ("50", "error"), (60, "emerg"), (50.0, "error")],
)  # fmt: skip
def test_what_is_meant(level: object, status: str) -> None:
    assert misread(["info", level, None]) == {1: status}


def test_whatever_stands_there_is_no_error() -> None:
    odd: list[Any] = [{}, [], None, True, 1.5, "", "x" * 999, {"a": []}]
    assert misread(odd) == {}
    assert misread([*odd, "severe"]) == {len(odd): "error"}
