import re

import pytest

from penstock.syslog.priority import PATTERN, PRIORITIES


@pytest.mark.parametrize(
    ("number", "level", "facility", "severity"),
    [
        ("0", "emergency", "kern", "emerg"),
        ("13", "notice", "user", "notice"),
        ("34", "critical", "auth", "crit"),
        ("86", "info", "authpriv", "info"),
        ("165", "notice", "local4", "notice"),
        ("191", "debug", "local7", "debug"),
    ],
)
def test_a_number_is_facility_and_severity(number: str, level: str, facility: str, severity: str) -> None:
    assert PRIORITIES[number] == {"level": level, "facility": facility, "severity": severity}


def test_the_pattern_takes_what_the_table_has_and_nothing_else() -> None:
    texts = [*map(str, range(1200)), *[f"0{number}" for number in range(200)], "", "-1", "1e1"]
    assert [text for text in texts if re.fullmatch(PATTERN, text)] == list(PRIORITIES)
