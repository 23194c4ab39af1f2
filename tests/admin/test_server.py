import asyncio
import socket
import stat
from pathlib import Path

import aiohttp
import pytest
import structlog

from penstock.admin.client import call
from penstock.admin.server import AdminServer
from penstock.admin.settings import AdminSettings
from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.testing.daemon import StillDaemon

ANY = Address("127.0.0.1", 0)


def server(path: Path | None = None, **settings: object) -> AdminServer:
    chosen = AdminSettings.model_validate({"listen": ANY, **settings})
    return AdminServer(chosen, StillDaemon(), SystemClock(), path)


async def test_the_port_that_was_given_is_told_until_it_stops() -> None:
    admin = server()
    assert admin.address() is None
    await admin.start()
    address = admin.address()
    assert address is not None
    assert address.port > 0
    await admin.stop()
    assert admin.address() is None
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection(address.host, address.port)


async def test_a_taken_port_is_said_with_its_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"admin\.listen: 127\.0\.0\.1:{port} cannot be had"):
            await server(listen=f"127.0.0.1:{port}").start()


async def test_without_tcp_the_command_line_still_gets_in(tmp_path: Path) -> None:
    admin = server(tmp_path / "a.sock", enabled=False)
    await admin.start()
    assert admin.address() is None
    assert (await asyncio.to_thread(call, tmp_path / "a.sock", "GET", "/livez"))[0] == 200
    await admin.stop()


async def test_the_socket_is_for_its_own_user_alone_and_goes_at_stop(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    admin = server(path)
    await admin.start()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await admin.stop()
    assert not path.exists()
    await admin.stop()


async def test_a_socket_that_a_dead_daemon_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    admin = server(path)
    await admin.start()
    assert (await asyncio.to_thread(call, path, "GET", "/livez"))[0] == 200
    await admin.stop()


async def test_a_socket_where_another_daemon_listens_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    first, second = server(path), server(path)
    await first.start()
    with pytest.raises(StartError, match="another process listens there"):
        await second.start()
    assert second.address() is None, "what it had bound before is free again"
    assert (await asyncio.to_thread(call, path, "GET", "/livez"))[0] == 200
    await first.stop()


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("words")
    with pytest.raises(StartError, match=r"admin\.socket"):
        await server(path).start()
    assert path.read_text() == "words"


@pytest.mark.parametrize(("name", "why"), [("no/folder/a.sock", "no folder"), ("x" * 120, "too long")])
async def test_a_path_that_cannot_be_is_said_with_its_option(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(StartError, match=rf"admin\.socket: .* {why}"):
        await server(tmp_path / name).start()


async def test_connections_beyond_the_bound_are_closed_at_once() -> None:
    admin = server(max_connections=2)
    await admin.start()
    address = admin.address()
    assert address is not None
    held = [await asyncio.open_connection(address.host, address.port) for _ in range(2)]
    for _, writer in held:
        writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for reader, _ in held:
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    reader, writer = await asyncio.open_connection(address.host, address.port)
    assert await reader.read() == b""
    writer.close()
    for _, open_writer in held:
        open_writer.close()
        await open_writer.wait_closed()
    async with aiohttp.ClientSession() as http, http.get(f"http://{address}/livez") as response:
        assert response.status == 200
    await admin.stop()


async def test_an_open_listener_is_warned_of() -> None:
    admin = server(listen="0.0.0.0:0")
    with structlog.testing.capture_logs() as logs:
        await admin.start()
    await admin.stop()
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "admin listener is open to the network")
    ]


async def test_stop_does_not_wait_for_idle_connections() -> None:
    admin = server()
    await admin.start()
    address = admin.address()
    assert address is not None
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readline()
    async with asyncio.timeout(1.5):
        await admin.stop()
    writer.close()


async def test_whoever_takes_all_connections_over_tcp_does_not_shut_the_command_line_out(
    tmp_path: Path,
) -> None:
    admin = server(tmp_path / "a.sock", max_connections=2)
    await admin.start()
    address = admin.address()
    assert address is not None
    held = [await asyncio.open_connection(address.host, address.port) for _ in range(2)]
    reader, writer = await asyncio.open_connection(address.host, address.port)
    assert await reader.read() == b""  # closed: there are two
    assert (await asyncio.to_thread(call, tmp_path / "a.sock", "GET", "/livez"))[0] == 200
    for _, one in [*held, (reader, writer)]:
        one.close()
    await admin.stop()


async def test_what_is_not_http_writes_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    admin = server()
    await admin.start()
    address = admin.address()
    assert address is not None
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"\x16\x03\x01\x00\xff\xff\xff\r\n\r\n")
    assert b"400" in await reader.read()
    writer.close()
    await admin.stop()
    assert caplog.records == []
