"""The examples of `enrich`."""

from typing import Final

from penstock.processors.shown import Shown

SHOWN: Final = (
    Shown(
        settings={"host": "host", "time": {"zone": "Europe/Berlin"}, "severity": "severity"},
        given=[
            {"timestamp": "2026-11-25T23:30:00Z", "level": "error"},
            {"host": "web-1", "timestamp": 1793000000},
        ],
        gives=[
            {
                "timestamp": "2026-11-25T23:30:00Z",
                "level": "error",
                "host": "here",
                "weekday": "thursday",
                "hour": 0,
                "severity": 17,
            },
            {"host": "web-1", "timestamp": 1793000000, "weekday": "monday", "hour": 8},
        ],
    ),
    Shown(
        settings={
            "category": "kind",
            "categories": [
                {"name": "payment", "where": 'path.startsWith("/pay")'},
                {"name": "slow", "where": "duration_ms > 1000"},
            ],
        },
        given=[{"path": "/pay/now", "duration_ms": 2000}, {"path": "/", "duration_ms": 2000}, {"path": "/"}],
        gives=[
            {"path": "/pay/now", "duration_ms": 2000, "kind": "payment"},
            {"path": "/", "duration_ms": 2000, "kind": "slow"},
            {"path": "/"},
        ],
    ),
)
