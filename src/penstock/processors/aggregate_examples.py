"""The examples of `aggregate`."""

from typing import Any, Final

from penstock.processors.shown import Shown

_WINDOW: Final[dict[str, Any]] = {
    "timestamp": "2026-10-26T07:33:00.000Z",
    "window": {"start": "2026-10-26T07:33:00.000Z", "end": "2026-10-26T07:34:00.000Z"},
}
_PARTIAL: Final[dict[str, Any]] = {**_WINDOW, "partial": True}

SHOWN: Final = (
    Shown(
        settings={"by": ["level"], "partial_at_end": True},
        given=[{"level": "info"}, {"level": "error"}, {"level": "info"}],
        gives=[{**_PARTIAL, "level": "info", "count": 2}, {**_PARTIAL, "level": "error", "count": 1}],
        note="How many of each level came in a minute. The daemon was stopped in the middle of one.",
    ),
    Shown(
        settings={
            "by": ["service"],
            "compute": {
                "requests": "count",
                "slowest": {"max": "duration_ms"},
                "mean": {"avg": "duration_ms"},
                "users": {"distinct": "user"},
            },
            "where": "has(duration_ms)",
            "partial_at_end": True,
        },
        given=[
            {"service": "pay", "duration_ms": 10, "user": "ana"},
            {"service": "pay", "duration_ms": 30, "user": "ana"},
            {"service": "pay", "message": "started"},
        ],
        gives=[{**_PARTIAL, "service": "pay", "requests": 2, "slowest": 30, "mean": 20.0, "users": 1}],
    ),
    Shown(
        settings={"where": 'level == "error"', "by": ["message"], "top": 2, "partial_at_end": True},
        given=[{"level": "error", "message": text} for text in ("a", "b", "b", "c", "c", "c")],
        gives=[{**_PARTIAL, "message": "c", "count": 3}, {**_PARTIAL, "message": "b", "count": 2}],
        note="The most frequent errors of each minute.",
    ),
)
