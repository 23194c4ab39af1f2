"""`python -m penstock.sandbox`: the receiver by itself, until it is told to stop."""

import asyncio
import signal
import sys
from typing import Annotated

import typer
import uvloop

from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sandbox.receiver import Receiver
from penstock.sandbox.reporter import EACH, Reporter


def main(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen.")] = "127.0.0.1:9480",
    count_only: Annotated[
        bool, typer.Option("--count-only", help="Believe what bodies say of themselves: for measuring.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of what is received.")] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="A line a second instead of one for each request.")
    ] = False,
) -> None:
    """Play the webhook: take what is posted, check and count it. `GET /received` tells the counts."""
    try:
        address = Address.parse(listen)
    except ValueError as exc:
        raise typer.BadParameter(f"--listen {listen} {exc}") from exc
    reporter = None if quiet else Reporter(_say, each=0 if summary else EACH)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(Receiver(SystemClock(), count_only=count_only, reporter=reporter), address))
        except StartError as exc:
            sys.exit(f"penstock sandbox: {exc}")


async def _serve(receiver: Receiver, listen: Address) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    address = await receiver.start(listen)
    _say(f"receiver listens on http://{address}/, counts at http://{address}/received")
    await stop.wait()
    await receiver.stop()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    typer.run(main)
