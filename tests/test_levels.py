import pytest

from penstock.levels import LEVELS, OPENTELEMETRY, PYTHON, WORDS, level_of
from penstock.syslog.priority import LEVELS as OF_SYSLOG
from penstock.syslog.priority import SEVERITIES


@pytest.mark.parametrize(
    ("written", "level"),
    [("WARN", "warning"), ("<Error>", "error"), (" info ", "info"), (0, "emergency"), ("7", "debug"), (30, "info"), (60.0, "fatal"),
     (True, None), (8, None), ("", None), ("loud", None), (None, None), ([], None), ("1e1", None), ("²", None)],
)  # fmt: skip
def test_one_name_for_each_level(written: object, level: str | None) -> None:
    assert level_of(written) == level


def test_numbers_mean_what_their_logger_means() -> None:
    assert level_of(30, PYTHON) == "warning"
    assert [level_of(number, OPENTELEMETRY) for number in (1, 9, 13, 24, 25)] == [
        "trace",
        "info",
        "warning",
        "fatal",
        None,
    ]


def test_syslog_and_this_agree() -> None:
    assert (
        [level_of(number) for number in range(8)] == list(OF_SYSLOG) == [WORDS[word] for word in SEVERITIES]
    )
    assert set(WORDS.values()) == set(LEVELS)
