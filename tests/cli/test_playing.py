"""`penstock sandbox`: what is to be played, and the command as a process."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from penstock.cli.playing import settings
from penstock.errors import ConfigError

TWO = """\
services: {a: {type: webhook}, b: {type: webhook}}
faults:
  - {type: hang, services: [a]}
  - {type: reset, services: [b]}
  - {type: html}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sandbox.yaml"
    path.write_text(TWO)
    return path


def test_without_a_configuration_every_service_is_played() -> None:
    found = settings(None, "127.0.0.1:7000", [])
    assert "webhook" in found.services
    assert (found.listen.port, found.faults) == (7000, ())


def test_a_choice_leaves_out_the_others_and_their_faults(file: Path) -> None:
    found = settings(file, "", ["b"])
    assert list(found.services) == ["b"]
    assert [fault.services for fault in found.faults] == [("b",), ()]
    assert len(settings(file, "", []).faults) == 3


def test_a_choice_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no service 'c' \(there are a, b\)"):
        settings(file, "", ["a", "c"])


@pytest.mark.parametrize("flag", ["", "--quiet", "--summary"])
def test_it_plays_until_it_is_told_to_stop(tmp_path: Path, flag: str) -> None:
    path = tmp_path / "sandbox.yaml"
    path.write_text('listen: "127.0.0.1:0"\nservices: {hook: {type: webhook, listen: "127.0.0.1:0"}}\n')
    command = [sys.executable, "-m", "penstock", "sandbox", "--config", str(path), *([flag] if flag else [])]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"TZ": "UTC"}
    ) as process:
        assert process.stdout is not None
        try:
            said = [process.stdout.readline() for _ in range(3)]
            control, hook = (re.search(r"http://[\d.:]+", line) for line in said[:2])
            assert control
            assert hook
            post = Request(hook[0], b'[{"id":1}]', {"Content-Type": "application/json"})
            with urlopen(post) as answer:
                assert answer.status == 200
            with urlopen(f"{control[0]}/received") as answer:
                assert json.load(answer)["hook"]["events"] == 1
        finally:
            process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert {"": 'the last: {"id":1}', "--quiet": "", "--summary": "in 1 more request"}[flag] in rest
    assert ("received" in rest) == (flag != "--quiet")
