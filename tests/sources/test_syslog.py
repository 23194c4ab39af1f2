"""Messages over every kind of socket; what becomes of one is in `test_syslog_decode` and tests/syslog."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import TypeAdapter, ValidationError

from penstock.clock import SystemClock
from penstock.sources.base import Source, SourceContext, SourceStats
from penstock.sources.framing import Limit, framer_for
from penstock.sources.syslog import SyslogSettings
from penstock.sources.syslog_decode import SyslogDecoder
from penstock.testing import Acceptor

MESSAGES = (
    b'<134>1 2026-10-11T22:14:15.003Z box app 12 ID47 [a b="c"] one',
    b"<13>Oct 11 22:14:15 box app[7]: two",
    b"<189>29: *Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: three",
    b"four",
)
TEXTS = ["one", "two", "three", "four"]

Start = Callable[..., Awaitable[Source]]


@pytest.fixture
async def taken() -> Acceptor:
    return Acceptor()


@pytest.fixture
async def start(taken: Acceptor) -> AsyncIterator[Start]:
    sources: list[Source] = []

    async def begin(**options: object) -> Source:
        settings = SyslogSettings.model_validate({"type": "syslog", **options})
        source = settings.build(SourceContext("net", "host-1", SystemClock()))
        await source.start(taken)
        sources.append(source)
        return source

    yield begin
    for source in sources:
        await source.stop()


def port_of(source: Source) -> int:
    return int(source.endpoint().rpartition(":")[2])


async def write(source: Source, data: bytes, context: ssl.SSLContext | None = None) -> None:
    scheme, _, where = source.endpoint().partition("://")
    if scheme == "unix":
        _, writer = await asyncio.open_unix_connection(where)
    else:
        name = "127.0.0.1" if context else None
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port_of(source), ssl=context, server_hostname=name
        )
    writer.write(data)
    await writer.drain()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def counted(messages: tuple[bytes, ...]) -> bytes:
    return b"".join([b"%d %b" % (len(message), message) for message in messages])


STREAMS = {
    "newlines": b"\n".join(MESSAGES),
    "crlf": b"\r\n".join([*MESSAGES, b""]),
    "NULs": b"\0".join([*MESSAGES, b""]),
    "counted": counted(MESSAGES),
    "counted with newlines": b"\n".join([counted((message,)) for message in MESSAGES]),
}


@pytest.mark.parametrize("data", STREAMS.values(), ids=STREAMS.keys())
@pytest.mark.parametrize("protocol", ["tcp", "unix"])
async def test_over_a_stream(
    start: Start, taken: Acceptor, tmp_path: Path, protocol: str, data: bytes
) -> None:
    where = {"listen": "127.0.0.1:0"} if protocol == "tcp" else {"path": str(tmp_path / "log")}
    source = await start(protocol=protocol, **where)
    await write(source, data)
    async with asyncio.timeout(10):
        await taken.wait_for(4)
    assert [event["message"] for event in taken.events()] == TEXTS
    assert (source.stats.events, source.stats.wrapped) == (4, 1)


@pytest.mark.parametrize("data", STREAMS.values(), ids=STREAMS.keys())
def test_wherever_a_stream_is_split(data: bytes) -> None:
    settings = SyslogSettings.model_validate({"type": "syslog", "listen": "127.0.0.1:0"})
    stats = SourceStats()
    decoder = SyslogDecoder(settings, None, SourceContext("net", "host-1", SystemClock()), stats)
    limit = Limit(settings.max_line, settings.long_lines, stats)
    for cut in range(len(data) + 1):
        framer = framer_for(
            "auto", limit, lambda message: decoder.line(message, 0.0), nul_ends=decoder.nul_ends
        )
        lines = framer.feed(data[:cut], cut) + framer.feed(data[cut:], len(data) - cut) + framer.end()
        block = decoder.block(lines, 0.0)
        assert block, cut
        assert [line.split(b'"message":"')[1][:-2].decode() for line in block.lines()] == TEXTS, cut


async def test_a_message_with_newlines_in_it_is_one_where_it_is_counted(
    start: Start, taken: Acceptor
) -> None:
    source = await start(listen="127.0.0.1:0", keep_raw=True)
    message = b"<13>Oct 11 22:14:15 box app: a\n\tat b\n\tat c"
    await write(source, counted((message, b"<13>d")))
    async with asyncio.timeout(10):
        await taken.wait_for(2)
    first, second = taken.events()
    assert (first["message"], first["raw"]) == ("a\n\tat b\n\tat c", message.decode())
    assert second["message"] == "d"


@pytest.mark.parametrize("protocol", ["udp", "unix_datagram"])
async def test_a_datagram_is_one_message(
    start: Start, taken: Acceptor, tmp_path: Path, protocol: str
) -> None:
    path = tmp_path / "log"
    source = await start(
        protocol=protocol,
        max_line="256B",
        **({"listen": "127.0.0.1:0"} if protocol == "udp" else {"path": str(path)}),
    )
    family = socket.AF_INET if protocol == "udp" else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port_of(source)) if protocol == "udp" else os.fsencode(path))
        for payload in (
            *MESSAGES,
            b"<13>a\nb\nc\n\0",
            b"<13>d\0",
            b"\n\n",
            b"<13>" + b"\n" * 300 + b"x",
            b"<13>e",
        ):
            sender.send(payload)
        async with asyncio.timeout(10):
            await taken.wait_for(8)
    texts = [str(event["message"]) for event in taken.events()]
    assert texts[:6] == [*TEXTS, "a\nb\nc", "d"]
    assert texts[6].startswith("\n" * 200)
    assert texts[6].endswith("[cut]")
    assert texts[7:] == ["e"]
    assert (source.stats.blank, source.stats.truncated) == (1, 1)


async def test_a_datagram_in_which_every_control_character_stands_is_not_lost(
    start: Start, taken: Acceptor
) -> None:
    source = await start(protocol="udp", listen="127.0.0.1:0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port_of(source)))
        sender.send(b"<13>" + bytes(range(1, 32)) + b"\n" * 30_000 + b"x")
        sender.send(b"<13>after")
        async with asyncio.timeout(10):
            await taken.wait_for(2)
    assert taken.events()[1]["message"] == "after"
    assert source.stats.truncated == 1


async def test_over_tls_with_the_senders_certificate(start: Start, taken: Acceptor, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    tls = {"cert_file": str(tmp_path / "server.pem"), "client_ca_file": str(tmp_path / "ca.pem")}
    source = await start(listen="127.0.0.1:0", tls=tls)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with contextlib.suppress(OSError):
        await write(source, b"<13>nobody\n", context)
    authority.issue_cert("client").configure_cert(context)
    await write(source, counted(MESSAGES), context)
    async with asyncio.timeout(10):
        await taken.wait_for(4)
    assert [event["message"] for event in taken.events()] == TEXTS


@pytest.mark.parametrize(
    ("data", "count", "broken"),
    [
        (b"999999999 <13>never", 1, 0),
        (b"99999999999999 <13>giant", 1, 0),  # no length: a line
        (b"5 <13>axxxx\n", 1, 1),
        (b"<13>" + b"x" * 300_000, 1, 0),
        (b"<13>a\0\0\0<13>b", 2, 0),
        (b"\xff\xfe\n\xef\xbb\xbf<13>a\n", 2, 0),
    ],
)
async def test_hostile_streams(start: Start, taken: Acceptor, data: bytes, count: int, broken: int) -> None:
    source = await start(listen="127.0.0.1:0")
    await write(source, data)
    async with asyncio.timeout(10):
        await taken.wait_for(count)
    await source.stop()
    assert len(taken.events()) == count
    assert source.stats.discarded == broken
    assert all(len(str(event["message"])) <= 2**16 for event in taken.events())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "protocol tcp needs `listen`"),
        ({"protocol": "unix"}, "protocol unix needs `path`"),
        ({"protocol": "udp", "path": "/x"}, "protocol udp needs `listen`"),
        ({"protocol": "udp", "listen": "127.0.0.1:0", "framing": "newline"}, "protocol udp has no `framing`"),
        (
            {"protocol": "udp", "listen": "127.0.0.1:0", "tls": {"cert_file": "x"}},
            "protocol udp has no `tls`",
        ),
        ({"protocol": "unix", "path": "/x", "listen": "127.0.0.1:0"}, "protocol unix has no `listen`"),
        ({"listen": "127.0.0.1:0", "mode": "0666"}, "protocol tcp has no `mode`"),
        ({"listen": "127.0.0.1:0", "timezone": "Mars/Base"}, "is no time zone that this machine knows"),
        ({"listen": "127.0.0.1:0", "timezone": "../etc/passwd"}, "is no time zone that this machine knows"),
        ({"listen": "127.0.0.1:0", "timezone": "Europe"}, "is no time zone that this machine knows"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SyslogSettings.model_validate({"type": "syslog", **options})


async def test_a_time_without_a_zone_is_of_the_one_that_is_told(start: Start, taken: Acceptor) -> None:
    source = await start(listen="127.0.0.1:0", timezone="Asia/Kolkata")
    await write(source, b"<13>Oct 11 2026 22:14:15 box app: x\n")
    async with asyncio.timeout(10):
        await taken.wait_for(1)
    assert taken.events()[0]["timestamp"] == "2026-10-11T16:44:15Z"


def test_its_examples_can_be_built() -> None:
    extra = SyslogSettings.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = TypeAdapter(list[dict[str, Any]]).validate_python(extra["examples"])
    for example in examples:
        SyslogSettings.model_validate(example).build(SourceContext("net", "host-1", SystemClock()))


async def test_long_messages_make_small_blocks(start: Start, taken: Acceptor) -> None:
    source = await start(listen="127.0.0.1:0")
    await write(source, (b"<13>" + b"x" * 60_000 + b"\n") * 40)
    async with asyncio.timeout(10):
        await taken.wait_for(40)
    assert max(block.count for block in taken.blocks) <= 3
