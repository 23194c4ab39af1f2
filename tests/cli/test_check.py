"""`penstock check`: everything without starting."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from penstock.cli.exits import Exit

Penstock = Callable[..., Result]


def test_a_good_configuration_is_summed_up(config: Path, penstock: Penstock, tmp_path: Path) -> None:
    result = penstock("check", "--config", config)
    assert (result.exit_code, result.stderr) == (Exit.OK, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "source app tcp 127.0.0.1:0" in lines
    assert f"journal disk {tmp_path}/journal, at most 10GiB" in lines
    assert "destination hook webhook http://127.0.0.1:1/logs" in lines
    assert "destination out console - (not enabled)" in lines
    assert lines[-1] == "The configuration is good: 1 in, 2 out."
    assert not (tmp_path / "journal").exists()


def test_several_paths_are_shown_as_they_are_written(
    config: Path, penstock: Penstock, tmp_path: Path
) -> None:
    text = config.read_text()
    source = f"  files: {{type: file, path: [{tmp_path}/*.log, {tmp_path}/*.txt]}}\n"
    config.write_text(text.replace("sources:\n", f"sources:\n{source}", 1))
    result = penstock("check", "--config", config)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert f"source files file {tmp_path}/*.log {tmp_path}/*.txt" in lines


def test_a_taken_port_is_a_warning(config: Path, penstock: Penstock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1))
        result = penstock("check", "--config", config)
    assert result.exit_code == Exit.OK
    assert result.stderr == (
        f"penstock: warning: sources.app.listen: 127.0.0.1:{port} cannot be bound now: Address already in use\n"
    )


def test_a_file_where_a_folder_belongs(config: Path, penstock: Penstock, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    result = penstock("check", "--config", config)
    assert result.exit_code == Exit.CONFIG
    assert result.stderr == f"penstock: {config}: line 3: journal.path: {tmp_path}/journal is not a folder\n"


def test_what_is_outside_the_file_is_told_with_its_line(
    config: Path, penstock: Penstock, tmp_path: Path
) -> None:
    text = config.read_text()
    text = text.replace('127.0.0.1:0"}', f'127.0.0.1:0", tls: {{cert_file: {tmp_path}/none.pem}}}}', 1)
    text = text.replace(
        "destinations:\n",
        "destinations:\n  mine: {type: custom, class: nowhere.at_all:Class}\n"
        f'  safe: {{type: webhook, url: "https://x/", tls: {{ca_file: {tmp_path}/none.pem}}}}\n',
    )
    config.write_text(text)
    result = penstock("check", "--config", config)
    assert result.exit_code == Exit.CONFIG
    gone = f"{tmp_path}/none.pem"
    assert [line.removeprefix(f"penstock: {config}: ") for line in result.stderr.splitlines()] == [
        "line 5: destinations.mine: 'nowhere.at_all:Class' cannot be loaded: No module named 'nowhere'",
        f"line 2: sources.app.tls: the certificate in {gone} cannot be used: No such file or directory",
        f"line 6: destinations.safe.tls: cannot be used: {gone}: No such file or directory",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(config: Path, penstock: Penstock, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir(mode=0o500)
    result = penstock("check", "--config", config)
    assert result.exit_code == Exit.CONFIG
    assert "cannot be written by this user" in result.stderr


def test_the_configuration_of_the_environment(
    config: Path, penstock: Penstock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_CONFIG", str(config))
    monkeypatch.setenv("PENSTOCK__DESTINATIONS__HOOK__URL", "http://elsewhere/")
    result = penstock("check")
    assert result.exit_code == Exit.OK
    assert "http://elsewhere/" in result.stdout


def test_the_query_of_a_url_is_not_shown(
    config: Path, penstock: Penstock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK__DESTINATIONS__HOOK__URL", "http://elsewhere/in?key=hunter2")
    result = penstock("check", "--config", config)
    assert "http://elsewhere/in?" in result.stdout
    assert "hunter2" not in result.stdout
