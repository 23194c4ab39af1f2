import re
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.metrics import Histogram
from penstock.processors.chain import Chain
from penstock.processors.measuring import measured
from penstock.processors.metrics import MetricsSettings
from penstock.testing.processing import block_of, chain_of, context


def settings_of(metrics: dict[str, Any], **options: Any) -> MetricsSettings:
    return MetricsSettings.model_validate({"type": "metrics", "metrics": metrics, **options})


def chain(metrics: dict[str, Any], **options: Any) -> Chain:
    return chain_of(settings_of(metrics, **options).build(context()))


def series(made: Chain) -> list[tuple[dict[str, str], Any]]:
    (family,) = measured(made.processors)
    return [
        (dict(labels), (value.counts, value.sum) if isinstance(value, Histogram) else value)
        for labels, value in family.series
    ]


@pytest.mark.parametrize(
    ("metric", "events", "expected", "errors"),
    [
        ({"kind": "counter"}, [{}, {}], [({}, 2)], 0),
        ({"kind": "counter", "where": "n > 1"}, [{"n": 1}, {"n": 2}, {"n": "x"}], [({}, 1)], 1),
        (
            {"kind": "counter", "value": "n"},
            [{"n": 1.5}, {"n": 2}, {}, {"n": "x"}, {"n": -1}],
            [({}, 3.5)],
            2,
        ),
        (
            {"kind": "counter", "labels": {"r": "a.b", "other": "o"}},
            [
                {"a": {"b": "x"}},
                {"a.b": "x"},
                {"a": {"b": 1}},
                {"a": {"b": "1"}},
                {"a": {"b": True}, "o": [1]},
            ],
            [({"r": "x", "other": ""}, 2), ({"r": "1", "other": ""}, 2), ({"r": "true", "other": "[1]"}, 1)],
            0,
        ),
        ({"kind": "counter", "value": "n", "labels": {"n": "n"}}, [{"n": 2}, {"n": 2}], [({"n": "2"}, 4)], 0),
        ({"kind": "counter"}, [], [], 0),
    ],
)
def test_counters(
    metric: dict[str, Any], events: list[dict[str, Any]], expected: list[Any], errors: int
) -> None:
    made = chain({"x_total": metric})
    if events:
        made.process(block_of(events))
    assert series(made) == expected
    assert made.stats[0].errors == errors


def test_gauges_show_the_last() -> None:
    made = chain({"depth": {"kind": "gauge", "value": "n", "labels": {"queue": "q"}}})
    made.process(
        block_of([{"q": "a", "n": 5}, {"q": "b", "n": -1}, {"q": "a", "n": 3}, {"q": "a", "n": "x"}])
    )
    assert series(made) == [({"queue": "a"}, 3), ({"queue": "b"}, -1)]
    made.process(block_of([{"q": "b", "n": 7.5}]))
    assert series(made) == [({"queue": "a"}, 3), ({"queue": "b"}, 7.5)]


def test_histograms_spread() -> None:
    made = chain({"seconds": {"kind": "histogram", "value": "s", "buckets": [0.1, 1]}})
    made.process(block_of([{"s": 0.1}, {"s": 0.5}, {"s": 1}, {"s": 20}, {}]))
    assert series(made) == [({}, ([1, 2, 1], 21.6))]


def test_further_series_are_errors() -> None:
    made = chain({"x_total": {"kind": "counter", "labels": {"u": "u"}}}, max_series=2)
    made.process(block_of([{"u": name} for name in "abcda"]))
    assert series(made) == [({"u": "a"}, 2), ({"u": "b"}, 1)]
    assert made.stats[0].errors == 2
    assert "x_total has 2 series" in made.stats[0].last_error


def test_events_go_on_as_they_are() -> None:
    block = block_of([{"n": 1, "a": [{}]}])
    (events,) = chain({"x_total": {"kind": "counter", "value": "n"}}).process(block)
    assert events.data() is block.data


@pytest.mark.parametrize(
    ("metrics", "options", "says"),
    [
        ({"x": {"kind": "counter"}}, {}, "whose name ends in _total: x_total"),
        ({"x_total": {"kind": "gauge", "value": "n"}}, {}, "only parts of other metrics"),
        ({"x_bucket": {"kind": "histogram", "value": "n"}}, {}, "only parts of other metrics"),
        (
            {"stock_total": {"kind": "counter"}},
            {"prefix": "penstock_"},
            "penstock_stock_total begins as names do",
        ),
        ({"process_total": {"kind": "counter"}}, {}, "begins as names do"),
        ({"a-b_total": {"kind": "counter"}}, {}, "should match pattern"),
        ({"9_total": {"kind": "counter"}}, {}, "should match pattern"),
        ({"x": {"kind": "gauge"}}, {}, "a gauge needs `value`"),
        ({"x": {"kind": "histogram"}}, {}, "a histogram needs `value`"),
        ({"x": {"kind": "gauge", "value": "n", "buckets": [1]}}, {}, "are for a histogram"),
        ({"x": {"kind": "histogram", "value": "n", "buckets": [2, 1]}}, {}, "ascending order"),
        ({"x": {"kind": "histogram", "value": "n", "buckets": []}}, {}, "ascending order"),
        ({"x_total": {"kind": "counter", "labels": {"destination": "d"}}}, {}, "is taken"),
        ({"x_total": {"kind": "counter", "labels": {"__name__": "d"}}}, {}, "is taken"),
        ({"x": {"kind": "histogram", "value": "n", "labels": {"le": "d"}}}, {}, "is taken"),
        ({}, {}, "at least 1 item"),
    ],
)
def test_mistakes_are_told(metrics: dict[str, Any], options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        settings_of(metrics, **options)
