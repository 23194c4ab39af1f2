"""The examples of `fields`."""

from typing import Final

from penstock.processors.shown import Shown

SHOWN: Final = (
    Shown(
        settings={
            "rename": {"host": "hostname"},
            "remove": ["context.request_id"],
            "set": {"env": "prod"},
            "compute": {"slow": "duration_ms > 1000"},
        },
        given=[{"host": "web-1", "duration_ms": 1200, "context": {"request_id": "r1", "user": "ana"}}],
        gives=[
            {
                "duration_ms": 1200,
                "context": {"user": "ana"},
                "hostname": "web-1",
                "env": "prod",
                "slow": True,
            }
        ],
    ),
    Shown(
        settings={"copy": {"user.name": "who"}, "default": {"level": "info"}},
        given=[{"user": {"name": "ana"}}, {"level": "error"}],
        gives=[{"user": {"name": "ana"}, "who": "ana", "level": "info"}, {"level": "error"}],
    ),
    Shown(
        settings={"keep": ["message", "context.user"]},
        given=[{"message": "paid", "level": "info", "context": {"user": "ana", "id": 7}}],
        gives=[{"message": "paid", "context": {"user": "ana"}}],
    ),
    Shown(
        settings={"under": {"name": "app"}},
        given=[{"message": "paid", "level": "info", "user": "ana", "amount": 5}],
        gives=[{"message": "paid", "level": "info", "app": {"user": "ana", "amount": 5}}],
    ),
    Shown(
        settings={"flatten": "_"},
        given=[{"context": {"user": {"id": 1}, "tags": ["a"]}}],
        gives=[{"context_user_id": 1, "context_tags": ["a"]}],
    ),
    Shown(
        settings={"nest": "."},
        given=[{"http.status": 200, "http.path": "/"}],
        gives=[{"http": {"status": 200, "path": "/"}}],
    ),
)
