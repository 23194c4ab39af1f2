"""Names of indices, as https://www.elastic.co/docs tells what they may be."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.columns import Columns
from penstock.destinations.elasticsearch_names import Names, fault
from penstock.testing.contract import batch_of


@pytest.mark.parametrize("name", ["logs", "logs-2026.01.02", ".mine", "a+b", "日本", "x" * 255])
def test_good_names(name: str) -> None:
    assert fault(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "is no name"), (".", "is no name"), ("..", "is no name"),
        ("-a", "begins with '-'"), ("_all", "begins with '_'"), ("+a", "begins with '+'"),
        ("Logs", "is not in lower case"), ("x" * 256, "is longer than 255 bytes"), ("é" * 128, "is longer than 255 bytes"),
        ("a\u202eb", "is not printable"),
        *[(f"a{odd}b", f"holds {odd!r}") for odd in '\\/*?"<>|,#: \t\n\x00'],
    ],
)  # fmt: skip
def test_bad_names(name: str, why: str) -> None:
    assert fault(name) == why


def chosen(template: str, fallback: str | None, *events: Any) -> tuple[list[str], dict[int, str]]:
    names, batch = Names(template, fallback), batch_of(events)
    values = dict(zip(names.paths, Columns(names.paths).read(batch), strict=True))
    return names.of(batch, values, [0.0] * batch.count)


@given(st.text(max_size=12))
def test_whatever_an_event_holds_its_index_can_be_one(text: str) -> None:
    event = {"service": text.encode("utf-8", "replace").decode()}
    (name,), refused = chosen("{service}", None, event)
    assert refused or (not fault(name) and not name.startswith("."))


def test_an_index_of_the_cluster_s_own_is_out_of_reach() -> None:
    events = [{"service": ".security"}, {"service": "fine"}]
    assert chosen("{service}", "odd", *events) == (["odd", "fine"], {})
    assert chosen(".own-{service}", None, {"service": "x"}) == ([".own-x"], {})


def test_the_one_index_stands_in_the_url() -> None:
    assert chosen("logs", None, {}, {}) == (["", ""], {})


def test_what_hostile_events_would_name_an_index_is_not_kept_in_memory() -> None:
    names = Names("logs-{service}", None)
    batches = [batch_of([{"service": f"{number}{'x' * 10**6}"}]) for number in range(8)]
    columns = [dict(zip(names.paths, Columns(names.paths).read(batch), strict=True)) for batch in batches]
    tracemalloc.start()
    try:
        for batch, values in zip(batches, columns, strict=True):
            _, refused = names.of(batch, values, [0.0])
            assert refused
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10**6
