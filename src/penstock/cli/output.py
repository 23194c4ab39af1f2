"""How the commands speak: results on standard output, everything else on standard error, a line each."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def say(line: str = "") -> None:
    """A line of the result."""
    print(line)


def tell(line: str) -> None:
    """A line beside the result: a warning, what went on."""
    print(line, file=sys.stderr)


def error(message: str) -> None:
    """What went wrong, one line for each line of the message."""
    for line in message.splitlines():
        tell(f"penstock: {line}")


def say_json(value: Any) -> None:
    """The result for programs: one line, so that lists can be read as NDJSON."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def say_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The result for people. In a pipe it is as wide as it needs to be, so that nothing is cut."""
    from rich import box  # noqa: PLC0415 - only what shows a table pays for rich
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*[Text(str(cell)) for cell in row])  # Text: what is shown is no markup
    terminal = sys.stdout.isatty()
    Console(file=sys.stdout, width=None if terminal else 10_000).print(table, crop=terminal)
