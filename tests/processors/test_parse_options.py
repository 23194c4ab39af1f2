from typing import Any, get_args

import pytest
from pydantic import ValidationError

from penstock.processors.parse import ParseSettings
from penstock.processors.parse_options import Format


@pytest.mark.parametrize("form", get_args(Format))
def test_every_format_has_an_example_and_a_parser(form: str) -> None:
    shown = [one.settings for one in ParseSettings.shown if one.settings["format"] == form]
    assert shown
    settings = ParseSettings.model_validate({"type": "parse", **shown[0]})
    assert settings.parser().parse_all([], 0.0) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "xml"}, "Input should be 'json', 'logfmt'"),
        ({"format": "json", "pattern": "x"}, "`pattern` is for regex and grok, not for json: leave it out"),
        ({"format": "docker", "zone": "UTC"}, "`zone` is for"),
        ({"format": "grok"}, "`format: grok` needs `pattern`"),
        ({"format": "csv"}, "`format: csv` needs `columns`"),
        ({"format": "csv", "columns": ["a", "a"]}, "names the column 'a' twice"),
        ({"format": "regex", "pattern": "(?P<a>x)\\"}, "is no pattern"),
        ({"format": "grok", "pattern": ["%{WORD:a}", "%{WRD:a}"]}, "did you mean WORD?"),
        ({"format": "grok", "pattern": "%{A:a}", "definitions": {"A": "("}}, "the definition A:"),
        ({"format": "key_value", "pair_separator": "="}, "cannot be told apart"),
        ({"format": "timestamp", "time_formats": ["%H:%M"]}, "says no day"),
        ({"format": "klog", "zone": "Mars"}, "is not a known time zone: write UTC"),
        ({"format": "json", "types": {"a": "integer"}}, "Input should be 'string', 'int'"),
        ({"format": "json", "mark": ""}, "at least 1 character"),
        ({"format": "json", "field": ""}, "at least 1 character"),
    ],
)
def test_mistakes(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ParseSettings.model_validate({"type": "parse", **options})
    assert said in str(caught.value)
