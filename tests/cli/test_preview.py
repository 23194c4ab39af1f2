"""`penstock preview`: the exact bytes, without the secrets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from penstock.cli.exits import Exit

Penstock = Callable[..., Result]

CONFIG = """
sources: {app: {type: tcp, listen: "127.0.0.1:0"}}
journal: {type: memory}
destinations:
  search:
    type: elasticsearch
    url: "http://127.0.0.1:1"
    index: logs
    match: 'level == "error"'
    processors: [{type: fields, set: {token: hunter2-token}}, {type: filter, where: "n < 5", on_error: dead_letter}]
    auth: {api_key: hunter2-token}
    batch: {events: 2}
  hook: {type: webhook, url: "http://127.0.0.1:1", headers: {Authorization: Basic hunter2-basic}}
  out: {type: file, path: out.ndjson}
"""
LINES = '{"level":"error","n":1}\n{"level":"info","n":2}\n{"level":"error","n":3}\n{"level":"error","n":"x"}\n{"level":"error","n":4}'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG)
    return path


def test_shows_each_request_and_hides_secrets(config: Path, penstock: Penstock) -> None:
    result = penstock("preview", "search", "--config", config, stdin=LINES)
    assert result.exit_code == Exit.OK
    assert "hunter2" not in result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("# search: ")
    assert lines[1] == "POST http://127.0.0.1:1/logs/_bulk?**********"
    assert "authorization: ApiKey **********" in [line.lower().replace("apikey", "ApiKey") for line in lines]
    assert '{"create":{"_id":"preview-' in result.stdout
    assert '{"level":"error","n":1,"token":"**********"}' in lines
    assert result.stdout.count("# search: ") == 2
    assert result.stderr.splitlines() == [
        "search: 1 would become dead letters: < does not take string and int",
        "2-filter: < does not take string and int (1 event)",
    ]


def test_a_secret_among_the_headers_is_hidden(config: Path, penstock: Penstock) -> None:
    result = penstock("preview", "hook", "--config", config, stdin=LINES)
    assert "Authorization: **********" in result.stdout.splitlines()
    assert "hunter2" not in result.stdout


def test_raw_is_the_body_alone(config: Path, penstock: Penstock) -> None:
    result = penstock("preview", "out", "--raw", "--config", config, stdin=LINES + "\n\n")
    assert result.stdout == LINES + "\n"


def test_all_destinations_without_a_name_and_nothing_is_opened(
    config: Path, penstock: Penstock, tmp_path: Path
) -> None:
    result = penstock("preview", "--config", config, stdin="plain\n")
    assert "# out: " in result.stdout
    assert result.stderr == "search: nothing\n"
    assert {path.name for path in tmp_path.rglob("*")} <= {"c.yaml", "here"}


def test_an_unknown_name_is_told(config: Path, penstock: Penstock) -> None:
    result = penstock("preview", "nowhere", "--config", config)
    assert (result.exit_code, result.stderr) == (
        Exit.CONFIG,
        "penstock: there is no destination nowhere; there are search, hook, out\n",
    )


HEAVY = """
from dataclasses import replace
from penstock.destinations.base import Limits
from penstock.testing.destination import TableDestination

class Heavy(TableDestination):
    def __init__(self, name):
        super().__init__(limits=Limits(bytes=100))

    def encode(self, batch):
        return replace(super().encode(batch), weight=10 * len(batch.data))
"""


def test_what_is_larger_encoded_than_the_service_takes_goes_in_halves_as_in_the_daemon(
    tmp_path: Path, penstock: Penstock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_for_test_preview.py").write_text(HEAVY)
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "c.yaml"
    path.write_text(
        'sources: {app: {type: tcp, listen: "127.0.0.1:0"}}\n'
        'destinations: {heavy: {type: custom, class: "made_for_test_preview:Heavy"}}\n'
    )
    result = penstock("preview", "--config", path, stdin='{"a":1}\n{"b":20}\n{"c":"too long"}\n{"d":4}\n')
    assert [line for line in result.stdout.splitlines() if line.startswith(("#", "{"))] == [
        "# heavy: 8 bytes",
        '{"a":1}',
        "# heavy: 9 bytes",
        '{"b":20}',
        "# heavy: 8 bytes",
        '{"d":4}',
    ]
    assert result.stderr == "heavy: 1 would become dead letters: larger than the service takes\n"
