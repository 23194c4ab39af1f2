"""docs/how-to/redact.md: every row is what comes out, every configuration can be built, and its tests pass."""

import json
import re
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import yaml
from typer.testing import CliRunner

from penstock.cli.main import app
from penstock.processors.redact import RedactSettings
from penstock.processors.redact_cover import With
from penstock.processors.redact_kinds import ORDER
from penstock.testing.processing import context, process

PAGE: Final = (Path(__file__).parents[2] / "docs/how-to/redact.md").read_text("utf-8")
BLOCKS: Final = [
    yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
TEXTS: Final = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)
EVENTS: Final = [
    (json.loads(given), json.loads(arrives))
    for given, arrives in re.findall(r"^\| `(\{.*\})` \| `(\{.*\})` \|$", PAGE, re.MULTILINE)
]
WAYS: Final = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)
KEY: Final = "for this page only"


def redacted(event: dict[str, Any], **settings: object) -> dict[str, Any]:
    processor = RedactSettings.model_validate({"type": "redact", **settings}).build(context())
    (after,) = process(processor, [event])
    return after


def alone(number: int) -> dict[str, Any]:
    """The settings of a block that has nothing but one processor."""
    one: dict[str, Any] = [block["processors"][0] for block in BLOCKS if list(block) == ["processors"]][
        number
    ]
    return one


@pytest.mark.parametrize(("pattern", "text", "covered"), TEXTS)
@pytest.mark.parametrize("all_others", [False, True])
def test_what_is_found(pattern: str, text: str, covered: str, all_others: bool) -> None:
    patterns = {} if all_others else {"patterns": [pattern]}
    assert redacted({"message": text}, **patterns) == {"message": covered}


def test_all_that_is_built_in_is_shown() -> None:
    assert sorted(pattern for pattern, _, _ in TEXTS) == sorted(ORDER)


@pytest.mark.parametrize(("row", "block"), [(0, 0), (1, 0), (2, 1)])
def test_names_and_own_patterns(row: int, block: int) -> None:
    given, arrives = EVENTS[row]
    assert redacted(given, **alone(block)) == arrives


@pytest.mark.parametrize(("way", "covered"), WAYS)
def test_what_stands_there_instead(way: str, covered: str) -> None:
    (text,) = re.findall(r"^`(.*)` becomes$", PAGE, re.MULTILINE)
    key = {"key": KEY} if way == "hash" else {}
    assert redacted({"message": text}, **{"with": way, **key}) == {"message": covered}


def test_all_rows_were_found() -> None:
    assert (len(EVENTS), {way for way, _ in WAYS}) == (3, set(get_args(With)))


def test_a_key_in_a_file_gives_the_same_pseudonyms_each_time(tmp_path: Path) -> None:
    (settings,) = [
        one for block in BLOCKS for one in block.get("processors", []) if "file" in str(one.get("key"))
    ]
    (tmp_path / "pepper").write_text(KEY + "\n")
    settings = {**settings, "key": {"file": str(tmp_path / "pepper")}}
    (pseudonym,) = re.findall(r"email:[0-9a-f]{16}", dict(WAYS)["hash"])
    assert redacted({"message": "eve@example.com"}, **settings) == {"message": pseudonym}


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    (block,) = [block for block in BLOCKS if "tests" in block]
    (tmp_path / "c.yaml").write_text(yaml.dump(block))
    result = CliRunner().invoke(app, ["test", "--config", str(tmp_path / "c.yaml")])
    assert result.stdout.splitlines()[-1] == "3 of 3 passed."


def test_preview_shows_what_a_service_would_get(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(yaml.dump(BLOCKS[0]))
    arguments = ["preview", "search", "--raw", "--config", str(tmp_path / "c.yaml")]
    result = CliRunner().invoke(app, arguments, input="eve@example.com came, passwd=hunter2\n")
    assert "[email] came, passwd=[secret]" in result.stdout


def test_what_it_cannot() -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", "MIIEowIBAAKCAQEA"]
    assert [redacted({"message": line})["message"] for line in lines] == ["[private_key]", lines[1]]
    assert redacted({"message": "version 1.2.3.4"}) == {"message": "version [ipv4]"}
