"""Examples for the reference page of `aggregate`, each run as a test."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from penstock.processors.shown import Shown

_WINDOW: Final[Mapping[str, Any]] = {
    "timestamp": "2026-10-26T07:34:00Z",
    "window_start": "2026-10-26T07:33:00Z",
    "window_end": "2026-10-26T07:34:00Z",
}
_REQUESTS: Final[Sequence[Mapping[str, Any]]] = (
    {"service": "shop", "level": "info", "duration_ms": 20, "user": "ann"},
    {"service": "shop", "level": "info", "duration_ms": 30, "user": "bob"},
    {"service": "mail", "level": "error", "duration_ms": "slow", "user": "ann"},
    {"service": "shop", "level": "info", "duration_ms": 100, "user": "ann"},
)
SHOWN: Final = (
    Shown(
        settings={
            "window": "1m",
            "by": ["service"],
            "compute": {
                "requests": "count",
                "slowest": {"max": "duration_ms"},
                "mean": {"avg": "duration_ms"},
                "users": {"distinct": "user"},
            },
            "partial_at_end": True,
        },
        given=_REQUESTS,
        gives=[
            {
                **_WINDOW,
                "service": "shop",
                "requests": 3,
                "slowest": 100,
                "mean": 50.0,
                "users": 2,
                "partial": True,
            },
            {**_WINDOW, "service": "mail", "requests": 1, "users": 1, "partial": True},
        ],
        note="`partial: true` only because the window had not ended when the examples did; text where a number is "
        "needed counts as an error of the processor.",
    ),
    Shown(
        settings={"preset": "by_level", "partial_at_end": True},
        given=[{"level": "info"}, {"level": "error"}, {"level": "info"}, {"message": "none"}],
        gives=[
            {**_WINDOW, "level": "info", "count": 2, "partial": True},
            {**_WINDOW, "level": "error", "count": 1, "partial": True},
            {**_WINDOW, "count": 1, "partial": True},
        ],
    ),
    Shown(
        settings={"preset": "top_errors", "partial_at_end": True},
        given=[
            {"level": "error", "message": "timed out"},
            {"level": "info", "message": "started"},
            {"level": "fatal", "message": "out of memory"},
            {"level": "error", "message": "timed out"},
        ],
        gives=[
            {
                **_WINDOW,
                "errors": 3,
                "top": [{"value": "timed out", "count": 2}, {"value": "out of memory", "count": 1}],
                "partial": True,
            }
        ],
    ),
    Shown(
        settings={
            "by": ["user"],
            "max_groups": 1,
            "compute": {"total": {"sum": "n"}, "p50": {"percentile": "n", "q": 50}, "first": {"first": "n"}},
            "partial_at_end": True,
        },
        given=[{"user": "a", "n": 1}, {"user": "b", "n": 2}, {"user": "c", "n": 4}],
        gives=[
            {**_WINDOW, "user": "a", "total": 1, "p50": 1, "first": 1, "partial": True},
            {**_WINDOW, "other": True, "total": 6, "p50": 2.0, "first": 2, "partial": True},
        ],
        note="Groups beyond `max_groups` are counted together.",
    ),
    Shown(
        settings={"preset": "totals", "from": "08:00", "to": "18:00", "zone": "UTC", "partial_at_end": True},
        given=[{"message": "arrived at 07:33"}],
        gives=[],
        note="What is not in the range is left out, and a window in which nothing was counted has no summary.",
    ),
)
