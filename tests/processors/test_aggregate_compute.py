import re
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.processors.aggregate import AggregateSettings


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"compute": {"x": {}}}, "says one thing to work out"),
        ({"compute": {"x": {"max": "a", "min": "b"}}}, "says one thing to work out"),
        ({"compute": {"x": {"max": "a", "q": 5}}}, "`q` is for percentile"),
        ({"compute": {"x": {"max": "a", "n": 5}}}, "`n` is for top"),
        ({"compute": {"x": {"max": ""}}}, "at least 1 character"),
        ({"compute": {"x": {"percentile": "a", "q": 101}}}, "less than or equal to 100"),
        ({"by": ["a"], "compute": {"a": "count"}}, "two fields of a summary have the name 'a'"),
        ({"compute": {"window_start": "count"}}, "two fields of a summary have the name 'window_start'"),
        ({"window": "100ms"}, "greater than or equal to 1"),
        ({"from": "noon"}, "write it as 08:00"),
        ({"zone": "Mars"}, "not a known time zone"),
        ({"preset": "all"}, "'totals'"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        AggregateSettings.model_validate({"type": "aggregate", **options})


def test_what_is_written_wins_over_the_preset() -> None:
    settings = AggregateSettings.model_validate({"type": "aggregate", "preset": "by_hour", "by": ["level"]})
    assert (settings.window, settings.by) == (3600, ["level"])
    settings = AggregateSettings.model_validate({"type": "aggregate", "preset": "by_hour", "window": "2h"})
    assert settings.window == 7200
