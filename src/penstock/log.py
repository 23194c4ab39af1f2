"""How the daemon speaks of itself: JSON lines for machines, colours for people."""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import orjson
import structlog
from pydantic import SecretBytes, SecretStr

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "console", "journald"]

_SYSLOG_PREFIX = {"debug": "<7>", "info": "<6>", "warning": "<4>", "error": "<3>", "critical": "<2>"}


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is told meanwhile: for commands that show what went wrong in their own way."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def configure(level: Level = "info", style: Format = "auto", stream: TextIO | None = None) -> None:
    """Sets up structlog, and sends what libraries log through it.

    `auto` is `console` on a terminal and `json` elsewhere; `journald` is `json` behind the `<n>` prefix
    that sd-daemon(3) reads the level from. Logs go to standard error.
    """
    out = stream or sys.stderr
    if style == "auto":
        style = "console" if out.isatty() else "json"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _hide_secrets,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
    ]
    render: list[structlog.typing.Processor]
    if style == "console":
        render = [
            structlog.dev.ConsoleRenderer(
                colors=out.isatty(),
                # The default shows local variables where rich is installed, and so may show a secret.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    else:
        render = [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            _journald if style == "journald" else _json,
        ]
    numeric = getattr(logging, level.upper())
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(numeric, logging.WARNING), force=True)


def _hide_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, SecretStr | SecretBytes):
            event[key] = "**********"
    return event


def _json(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _journald(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    return _SYSLOG_PREFIX.get(str(event.get("level")), "<6>") + _json(logger, method, event)
