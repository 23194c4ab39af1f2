"""`penstock dlq`: reading needs no daemon, changing asks it."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import msgspec
import pytest
from typer.testing import Result

from penstock.cli.exits import Exit
from penstock.delivery.deadletters import DeadLetter, DeadLetterStore
from penstock.delivery.settings import DeadLetterSettings
from penstock.testing.clock import ManualClock

Penstock = Callable[..., Result]
Daemon = Callable[..., list[tuple[str, object]]]


def letter(number: int, reason: str = "mapping failed", status: int | None = 400) -> DeadLetter:
    return DeadLetter(
        id=f"node-{number}",
        destination="hook",
        kind="refused",
        reason=reason,
        status=status,
        answer="no such field",
        attempts=number,
        arrived=1_793_000_000.0,
        first_tried=1_793_000_001.0,
        dead_since=1_793_000_002.0,
        event=msgspec.Raw(b'{"message":"number %d"}' % number),
    )


@pytest.fixture
def letters(tmp_path: Path) -> Callable[..., None]:
    def letters(*some: DeadLetter, name: str = "hook") -> None:
        folder = tmp_path / "journal" / "dead_letters" / name
        DeadLetterStore(folder, DeadLetterSettings(), ManualClock()).add(some)

    return letters


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Answers on the admin socket as it is told, and keeps what it was asked."""
    servers: list[UnixStreamServer] = []

    def daemon(status: int, answer: object) -> list[tuple[str, object]]:
        asked: list[tuple[str, object]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked.append((self.path, json.loads(body)))
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                return

            def address_string(self) -> str:
                return "unix"

        (tmp_path / "journal").mkdir(exist_ok=True)
        server = UnixStreamServer(str(tmp_path / "journal" / "admin.sock"), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return asked

    yield daemon
    for server in servers:
        server.shutdown()
        server.server_close()


def test_none(config: Path, penstock: Penstock) -> None:
    result = penstock("dlq", "list", "--config", config)
    assert (result.exit_code, result.stdout) == (Exit.OK, "There are no dead letters.\n")


def test_list_by_destination_and_reason(
    config: Path, penstock: Penstock, letters: Callable[..., None]
) -> None:
    letters(letter(1), letter(2), letter(3, "too large"))
    letters(letter(4), name="gone")
    lines = [line.split() for line in penstock("dlq", "list", "--config", config).stdout.splitlines()]
    assert ["hook", "2", "mapping", "failed"] in lines
    assert ["hook", "1", "too", "large"] in lines
    assert ["gone", "1", "mapping", "failed"] in lines
    rows = [
        json.loads(line) for line in penstock("dlq", "list", "--json", "--config", config).stdout.splitlines()
    ]
    assert [(row["destination"], row["events"]) for row in rows] == [("gone", 1), ("hook", 3), ("out", 0)]
    assert rows[1]["reasons"] == {"mapping failed": 2, "too large": 1}
    assert rows[1]["bytes"] > 0


def test_show_for_people(config: Path, penstock: Penstock, letters: Callable[..., None]) -> None:
    letters(letter(1), letter(2, "too large", None))
    assert penstock("dlq", "show", "hook", "--config", config).stdout == (
        "node-1  mapping failed (HTTP 400)\n"
        "  arrived 2026-10-26T07:33:20Z, 1 attempt, dead since 2026-10-26T07:33:22Z\n"
        "  answer: 'no such field'\n"
        '  {"message":"number 1"}\n'
        "\n"
        "node-2  too large\n"
        "  arrived 2026-10-26T07:33:20Z, 2 attempts, dead since 2026-10-26T07:33:22Z\n"
        "  answer: 'no such field'\n"
        '  {"message":"number 2"}\n'
        "\n"
    )


def test_show_for_programs(config: Path, penstock: Penstock, letters: Callable[..., None]) -> None:
    letters(*[letter(number) for number in range(5)], letter(5, "Too Large"))

    def ids(*args: object) -> list[str]:
        result = penstock("dlq", "show", "hook", *args, "--json", "--config", config)
        return [json.loads(line)["id"] for line in result.stdout.splitlines()]

    assert ids() == [f"node-{number}" for number in range(6)]
    assert ids("--limit", 2) == ["node-0", "node-1"]
    assert ids("--reason", "too large") == ["node-5"]
    assert ids("node-3", "node-9") == ["node-3"]


def test_an_event_is_shown_as_it_is(config: Path, penstock: Penstock, letters: Callable[..., None]) -> None:
    letters(letter(1))
    (line,) = penstock("dlq", "show", "hook", "--json", "--config", config).stdout.splitlines()
    assert json.loads(line)["event"] == {"message": "number 1"}


def test_nothing_chosen(config: Path, penstock: Penstock) -> None:
    result = penstock("dlq", "show", "hook", "--config", config)
    assert (result.exit_code, result.stdout) == (Exit.OK, "hook has no such dead letters.\n")


def test_an_unknown_destination(config: Path, penstock: Penstock) -> None:
    result = penstock("dlq", "show", "hok", "--config", config)
    assert result.exit_code == Exit.CONFIG
    assert "there is no destination 'hok'; there are hook, out" in result.stderr


@pytest.mark.parametrize(
    "choice",
    [(["--all"], None), (["node-1", "node-7"], ["node-1", "node-7"]), (["--reason", "large"], ["node-3"])],
)
def test_replay_asks_the_daemon(
    choice: tuple[list[str], object],
    config: Path,
    penstock: Penstock,
    letters: Callable[..., None],
    daemon: Daemon,
) -> None:
    args, asked = choice
    letters(letter(1), letter(3, "too large"))
    requests = daemon(200, {"replayed": 1200})
    result = penstock("dlq", "replay", "hook", *args, "--config", config)
    assert (result.exit_code, result.stderr) == (Exit.OK, "")
    assert result.stdout == "hook: 1,200 events given back to the queue.\n"
    assert requests == [("/api/dead-letters/hook/replay", {"ids": asked})]


def test_discard_asks_the_daemon(config: Path, penstock: Penstock, daemon: Daemon) -> None:
    requests = daemon(200, {"discarded": 1})
    result = penstock("dlq", "discard", "hook", "node-1", "--config", config)
    assert result.stdout == "hook: 1 event thrown away.\n"
    assert requests == [("/api/dead-letters/hook/discard", {"ids": ["node-1"]})]


def test_a_refusal_is_told(config: Path, penstock: Penstock, daemon: Daemon) -> None:
    daemon(409, {"error": "not now"})
    result = penstock("dlq", "discard", "hook", "--all", "--config", config)
    assert (result.exit_code, result.stderr) == (Exit.FAILURE, "penstock: the daemon refuses: not now\n")


def test_without_a_daemon_nothing_is_changed(
    config: Path, penstock: Penstock, letters: Callable[..., None]
) -> None:
    letters(letter(1))
    result = penstock("dlq", "discard", "hook", "--all", "--config", config)
    assert result.exit_code == Exit.UNREACHABLE
    assert "start the daemon" in result.stderr
    assert penstock("dlq", "show", "hook", "--config", config).stdout.startswith("node-1")


@pytest.mark.parametrize("args", [[], ["--all", "node-1"], ["--all", "--reason", "x"]])
def test_which_ones_has_to_be_said_once(args: list[str], config: Path, penstock: Penstock) -> None:
    result = penstock("dlq", "discard", "hook", *args, "--config", config)
    assert result.exit_code == Exit.CONFIG
    assert "say which: IDS, --reason, or --all" in result.stderr


def test_a_journal_in_memory_has_no_dead_letters_and_no_socket(config: Path, penstock: Penstock) -> None:
    config.write_text(config.read_text().replace("journal: {", "journal: {type: memory} # {"))
    assert penstock("dlq", "list", "-c", config).stdout == "There are no dead letters.\n"
    result = penstock("dlq", "replay", "hook", "--all", "-c", config)
    assert result.exit_code == Exit.FAILURE
    assert "needs admin.socket" in result.stderr
