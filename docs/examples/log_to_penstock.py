"""Python's logging to a Penstock source of type tcp or unix, one JSON object a line."""

import json
import logging
import logging.handlers
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """The fields that Penstock understands; whatever is in `extra={"fields": {...}}` comes along."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "service": record.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str)


class PenstockHandler(logging.handlers.SocketHandler):
    """`PenstockHandler("127.0.0.1", 5170)`, or `PenstockHandler("/run/penstock/log.sock", None)`.

    It keeps one connection and makes it again when it breaks. A line that is on its way at that moment may be lost.
    """

    def __init__(self, host: str, port: int | None) -> None:
        super().__init__(host, port)
        self.setFormatter(JsonFormatter())

    def makePickle(self, record: logging.LogRecord) -> bytes:  # noqa: N802 - the library's name; it makes the bytes to send
        return self.format(record).encode() + b"\n"


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, handlers=[PenstockHandler("127.0.0.1", 5170)])
    logging.getLogger("shop").info("order %d paid", 17, extra={"fields": {"amount": 42.5}})
