import asyncio
import os

from penstock.exchange import Append, Failure, FailureKind, Response
from penstock.testing.clock import settle
from penstock.wire.console import ConsoleWire


async def test_what_is_sent_comes_out_in_order() -> None:
    out, fd = os.pipe()
    wire = ConsoleWire(fd)
    sent = [b"%d\n" % n for n in range(100)]
    assert await asyncio.gather(*[wire.send(Append("-", data)) for data in sent]) == [Response(200)] * 100
    await wire.close()
    assert os.read(out, 10_000) == b"".join(sent)
    os.close(out)
    os.close(fd)


async def test_a_full_pipe_makes_the_sender_wait_and_nobody_else() -> None:
    for blocking in (True, False):
        out, fd = os.pipe()
        os.set_blocking(fd, blocking)
        wire = ConsoleWire(fd)
        data = b"x" * 300_000
        sending = asyncio.get_running_loop().create_task(wire.send(Append("-", data)))
        await settle()
        assert not sending.done()
        got = 0
        while got < len(data):
            got += len(os.read(out, 65536))
            await asyncio.sleep(0)
        assert await sending == Response(200)
        await wire.close()
        os.close(out)
        os.close(fd)


async def test_a_stuck_terminal_does_not_hold_up_closing() -> None:
    out, fd = os.pipe()
    wire = ConsoleWire(fd)
    sending = asyncio.get_running_loop().create_task(wire.send(Append("-", b"x" * 300_000)))
    await settle()
    sending.cancel()
    await asyncio.wait_for(wire.close(), 1)
    os.close(out)  # frees the thread


async def test_nobody_reading_is_a_failure() -> None:
    out, fd = os.pipe()
    os.close(out)
    wire = ConsoleWire(fd)
    assert await wire.send(Append("-", b"x\n")) == Failure(FailureKind.IO, "standard output: Broken pipe")
    await wire.close()
    os.close(fd)
