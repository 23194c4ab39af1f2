import tracemalloc
from typing import Any

import pytest

from penstock.columns import Columns
from penstock.destinations.template import Template
from penstock.testing.contract import batch_of

THEN = 1_767_323_045.0  # 2026-01-02T03:04:05Z


def filled(text: str, *events: Any) -> list[str | None]:
    template, batch = Template(text), batch_of(events)
    return template.fill(batch, Columns(template.paths).read(batch), [THEN] * batch.count)


def test_fixed() -> None:
    assert Template("logs-app").fixed == "logs-app"
    assert Template("100%%").fixed == "100%"
    assert Template("").fixed == ""
    assert filled("logs", {}, {}) == ["logs", "logs"]
    assert Template("{a}").fixed is None
    assert Template("%Y").fixed is None


def test_fields_and_dates() -> None:
    event = {"service": "api", "context": {"n": 3}}
    assert filled("logs-{service}-{context.n}-%Y.%m.%d", event) == ["logs-api-3-2026.01.02"]
    assert filled("%Y%%{service}%H", event) == ["2026%api03"]
    assert filled("%G-w%V", event) == ["2026-w01"]


def test_what_an_event_lacks() -> None:
    assert filled("{a}-{b|none}", {"a": "x"}, {"b": "y"}, {"a": "", "b": ""}, {"a": [], "b": 0}) == [
        "x-none", None, None, None,
    ]  # fmt: skip
    assert filled("{a|}", {}) == [""]


def test_a_date_is_of_the_event() -> None:
    template, batch = Template("%d"), batch_of([{}, {}])
    assert template.dated
    assert not Template("%%d{a}").dated
    assert template.fill(batch, [], [THEN, THEN + 86400]) == ["02", "03"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a{b", "'{' at character 2"),
        ("a}b", "'}' at character 2"),
        ("{a\n}", "names no field at character 1"),
        ("x{}", "names no field at character 2"),
        ("%q", "%q at character 1"),
        ("100%", "% at character 4"),
    ],
)
def test_mistakes_are_told_where(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Template(text)


def test_dates_are_not_remembered_without_end() -> None:
    template, batch = Template("%H:%M"), batch_of([{}])
    tracemalloc.start()
    try:
        for minute in range(20_000):
            assert template.fill(batch, [], [60.0 * minute]) == [f"{minute // 60 % 24:02}:{minute % 60:02}"]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500_000
