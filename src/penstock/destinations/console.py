"""Standard output: each event a line, for trying things and for pipes."""

import sys
from collections.abc import Callable
from typing import Literal

from pydantic import ConfigDict

from penstock.block import Batch
from penstock.destinations.base import Delivered, Destination, DestinationSettings, Limits, Retry, Verdict
from penstock.destinations.readable import colored, plain
from penstock.exchange import Answer, Append, Failure, Response
from penstock.transport import ConsoleTransport, Transport


class ConsoleSettings(DestinationSettings):
    """Writes events to standard output."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "console"}, {"type": "console", "format": "pretty"}]}
    )

    type: Literal["console"]
    format: Literal["ndjson", "pretty"] = "ndjson"
    """`ndjson`: each event as it is. `pretty`: `<timestamp> <level> <message> key=value …`, one line an event."""
    color: Literal["auto", "always", "never"] = "auto"
    """For `pretty`. `auto`: where standard output is a terminal."""

    def build(self, name: str) -> Destination:  # noqa: ARG002 - a terminal has no use for its name
        if self.format == "ndjson":
            return Console()
        paint = self.color == "always" or (self.color == "auto" and sys.stdout.isatty())
        return Console(colored if paint else plain)


class Console:
    """Speaks to a terminal or a pipe."""

    def __init__(self, render: Callable[[bytes], str] | None = None) -> None:
        """`render` makes a line for people of an event; none: NDJSON."""
        self.limits = Limits()
        self.transport: Transport = ConsoleTransport()
        self.secrets: frozenset[str] = frozenset()
        self._render = render

    def encode(self, batch: Batch) -> Append:
        render = self._render
        if render is None:
            return Append("-", batch.data)
        return Append("-", "".join([render(line) + "\n" for line in batch.lines()]).encode())

    def judge(self, batch: Batch, answer: Answer) -> Verdict:  # noqa: ARG002 - all of it or nothing
        match answer:
            case Response():
                return Delivered()
            case Failure():
                return Retry(answer.detail)
