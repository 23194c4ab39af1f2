"""What the other tests take for granted of the servers that they are given."""

import http.client
from pathlib import Path

import pytest

from tests.integration.servers import RealServer, installed

pytestmark = pytest.mark.integration


def ask(server: RealServer, method: str, target: str, body: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def test_a_restart_keeps_the_port_and_the_data(tmp_path: Path) -> None:
    with RealServer("opensearch", tmp_path) as server:
        assert ask(server, "PUT", "/kept/_doc/1?refresh=true", '{"a":1}')[0] == 201
        port = server.port
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            ask(server, "GET", "/")
        server.start()
        assert server.port == port
        assert ask(server, "GET", "/_cluster/health?wait_for_status=yellow&timeout=30s")[0] == 200
        assert ask(server, "GET", "/kept/_doc/1")[0] == 200
        assert server.log_text()


def test_settings_reach_the_server(tmp_path: Path) -> None:
    with RealServer("opensearch", tmp_path, "http.max_content_length=1kb") as server:
        assert ask(server, "PUT", "/kept/_doc/1", '{"a":"%s"}' % ("x" * 1024)) == (413, b"")


def test_what_cannot_be_had_is_skipped_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_SERVERS_DIR", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="PENSTOCK_SERVERS_DIR"):
        installed("missing")
    script = tmp_path / "fails"
    script.write_text("#!/bin/sh\necho fails: needs a moon >&2\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(pytest.skip.Exception, match="needs a moon"):
        installed("fails")


def test_what_is_installed_and_does_not_start_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_SERVERS_DIR", str(tmp_path))
    script = tmp_path / "falls"
    script.write_text('#!/bin/sh\n[ "$1" = install ] && exit 0\necho falls: over >&2\nexit 1\n')
    script.chmod(0o755)
    with pytest.raises(pytest.fail.Exception, match="falls: over"):
        RealServer("falls", tmp_path / "server").start()
