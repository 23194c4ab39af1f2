"""What a summary is to say, as the configuration writes it."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from penstock.fields import FieldName, Model
from penstock.processors.accumulators import MAKERS
from penstock.processors.groups import Value

Preset = Literal["totals", "by_level", "by_hour", "top_errors"]

PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "totals": {},
    "by_level": {"by": ["level"]},
    "by_hour": {"window": "1h"},
    "top_errors": {
        "where": 'level in ["error", "critical", "alert", "emergency", "fatal"]',
        "compute": {"errors": "count", "top": {"top": "message", "n": 10}},
    },
}
"""What each stands for; what is written beside it wins."""

_Path = Annotated[FieldName, Field(min_length=1)]


class Compute(Model):
    """One value of a summary: one of these, with the field that it is worked out of."""

    count: _Path | None = None
    """How many events have the field."""
    sum: _Path | None = None
    """All numbers together."""
    avg: _Path | None = None
    """Their mean."""
    min: _Path | None = None
    """The least number."""
    max: _Path | None = None
    """The greatest number."""
    percentile: _Path | None = None
    """The number that `q` percent are not above, to within 1 % of it."""
    first: _Path | None = None
    """The first value of the window."""
    last: _Path | None = None
    """The last value."""
    distinct: _Path | None = None
    """How many different values: exact up to 512, beyond that an estimate that is some 4 % off."""
    top: _Path | None = None
    """The `n` most frequent values, each with its count; among more than 1000 different ones counts may be too low."""
    q: Annotated[float, Field(gt=0, le=100)] = 99
    """Percent, for `percentile`."""
    n: Annotated[int, Field(ge=1, le=100)] = 10
    """How many, for `top`."""

    @model_validator(mode="after")
    def _one(self) -> "Compute":
        named = self.model_fields_set & MAKERS.keys()
        if len(named) != 1:
            raise ValueError(
                f"says one thing to work out, such as max: duration_ms; these are {', '.join(MAKERS)}"
            )
        for option, owner in (("q", "percentile"), ("n", "top")):
            if option in self.model_fields_set and owner not in named:
                raise ValueError(f"`{option}` is for {owner}: leave it out")
        return self

    def value(self, name: str) -> Value:
        """As the field of that name."""
        (kind,) = self.model_fields_set & MAKERS.keys()
        return Value(name, getattr(self, kind), partial(MAKERS[kind], self.q, self.n))


def value_of(name: str, compute: Literal["count"] | Compute) -> Value:
    """`count` counts the events themselves."""
    if isinstance(compute, Compute):
        return compute.value(name)
    return Value(name, "", partial(MAKERS["count"], 0, 0))


def with_preset(data: Any) -> Any:
    """The options with those of the preset that they name."""
    preset = (
        PRESETS.get(data["preset"])
        if isinstance(data, dict) and isinstance(data.get("preset"), str)
        else None
    )
    return {**preset, **data} if preset is not None else data
