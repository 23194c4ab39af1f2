"""docs/examples/log_to_penstock.py sends what the page promises."""

import importlib.util
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs/examples/log_to_penstock.py"


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("log_to_penstock", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def test_each_record_is_one_json_object_on_one_line(example: ModuleType, listener: socket.socket) -> None:
    handler = example.PenstockHandler(*listener.getsockname())
    logger = logging.Logger("shop")  # noqa: LOG001 - one of its own, that leaves no handler behind
    logger.addHandler(handler)
    logger.info("order %d\npaid", 17, extra={"fields": {"amount": 42.5}})
    try:
        raise ValueError("why")
    except ValueError:
        logger.exception("failed")
    connection, _ = listener.accept()
    handler.close()
    with connection, connection.makefile("rb") as stream:
        first, second = (json.loads(line) for line in stream)
    assert first.pop("timestamp").endswith("+00:00")
    assert first == {"level": "info", "message": "order 17\npaid", "service": "shop", "amount": 42.5}
    assert second["level"] == "error"
    assert second["exception"].endswith("ValueError: why")
