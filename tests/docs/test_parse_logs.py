"""docs/how-to/parse-logs.md: its configurations are good, and its example is what comes out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from penstock.processors.parse import ParseSettings
from penstock.testing.processing import context, process

PAGE = (Path(__file__).parents[2] / "docs/how-to/parse-logs.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]


def processors(block: dict[str, Any]) -> list[ParseSettings]:
    listed = block.get("processors") or block["destinations"]["search"]["processors"]
    return [ParseSettings.model_validate(one) for one in listed]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_its_processors_can_be_built(number: int) -> None:
    assert processors(BLOCKS[number])


def test_the_first_example() -> None:
    (line,) = re.findall(r"^`(10\.0\.0\.1.*)` arrives as$", PAGE, re.MULTILINE)
    (arrives,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (settings,) = processors(BLOCKS[0])
    assert process(settings.build(context()), [{"message": line}]) == [json.loads(arrives)]


@pytest.mark.parametrize("line", ["10.0.0.1 GET /a 0.5", "2026-11-25 10:00:00 order ORD-0042 paid"])
def test_its_patterns_take_what_they_are_for(line: str) -> None:
    (settings,) = processors(BLOCKS[1])
    (event,) = process(settings.build(context()), [{"message": line}])
    assert len(event) > 2
    assert "parse_error" not in event


def test_its_formats_of_times() -> None:
    (settings,) = processors(BLOCKS[3])
    (event,) = process(settings.build(context()), [{"message": "25/11/2026 10:00:00,info,ready"}])
    assert event == {"timestamp": "2026-11-25T09:00:00Z", "level": "info", "message": "ready"}


def test_two_formats_in_one_stream() -> None:
    events: list[dict[str, Any]] = [{"message": '{"a":1}'}, {"message": "a=1"}, {"message": "neither"}]
    for settings in processors(BLOCKS[4]):
        events = process(settings.build(context()), events)
    assert [event.get("a") for event in events] == [1, 1, None]
