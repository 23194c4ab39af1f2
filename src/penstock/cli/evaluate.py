"""`penstock eval`: tries an expression on events."""

import sys
from typing import Annotated

import msgspec
import typer

from penstock.cli.exits import Exit
from penstock.cli.output import error, tell
from penstock.expressions import (
    MISSING,
    EvalError,
    Expression,
    ExpressionError,
    compile_condition,
    compile_expression,
    plain,
)


def evaluate(
    expression: Annotated[str, typer.Argument(metavar="EXPRESSION", help="Such as 'status >= 500'.")],
    *,
    where: Annotated[
        bool, typer.Option("--where", help="Print the events for which it is true, as they came.")
    ] = False,
) -> int:
    """Try an expression on events from standard input, a JSON object a line.

    Prints its value for each, as JSON; null too where what it comes to is missing. Where it cannot be worked out, the line
    and the reason are told on standard error, and the exit code is 1.

    \b
    Examples:
      penstock eval 'status >= 500 || level in ["error", "fatal"]' <events.ndjson
      penstock eval --where 'context.path.startsWith("/pay")' <events.ndjson
    """  # noqa: D301 - \b is for the help
    try:
        compiled = compile_condition(expression) if where else compile_expression(expression)
    except ExpressionError as exc:
        error(str(exc))
        return Exit.CONFIG
    decoder = msgspec.json.Decoder(dict[str, object])
    failed = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            try:
                shown = _shown(compiled, decoder.decode(line), line, where=where)
            except (EvalError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
                tell(f"penstock: line {number}: {exc}")
                failed += 1
                continue
            sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    return Exit.FAILURE if failed else Exit.OK


def _shown(compiled: Expression, event: dict[str, object], line: bytes, *, where: bool) -> bytes:
    value = compiled(event)
    if where:
        return line.rstrip(b"\n") + b"\n" if value else b""
    return msgspec.json.encode(None if value is MISSING else plain(value)) + b"\n"
