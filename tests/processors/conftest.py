"""What the tests of processors share: a writer of small databases in MaxMind's format.

https://maxmind.github.io/MaxMind-DB/
"""

import ipaddress
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

WriteMmdb = Callable[[Path, Mapping[str, Mapping[str, Any]]], None]


@pytest.fixture
def write_mmdb() -> WriteMmdb:
    """Writes IPv4 networks, each with its record."""
    return _write


def _write(path: Path, networks: Mapping[str, Mapping[str, Any]]) -> None:
    data, offsets = b"", {}
    for network, record in networks.items():
        offsets[network] = len(data)
        data += _encoded(record)
    nodes: list[list[int | str | None]] = [[None, None]]
    for network in networks:
        parsed = ipaddress.ip_network(network)
        bits = f"{int(parsed.network_address):032b}"[: parsed.prefixlen]
        node = 0
        for bit in bits[:-1]:
            following = nodes[node][int(bit)]
            if not isinstance(following, int):
                nodes.append([None, None])
                following = nodes[node][int(bit)] = len(nodes) - 1
            node = following
        nodes[node][int(bits[-1])] = network

    def record_of(value: int | str | None) -> bytes:
        if isinstance(value, str):
            value = len(nodes) + 16 + offsets[value]
        return struct.pack(">I", len(nodes) if value is None else value)

    tree = b"".join(record_of(left) + record_of(right) for left, right in nodes)
    about = {
        "node_count": len(nodes), "record_size": 32, "ip_version": 4, "database_type": "test", "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1, "description": {"en": "test"},
    }  # fmt: skip
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encoded(about))


def _encoded(value: Any) -> bytes:
    match value:
        case dict():
            return _head(7, len(value)) + b"".join(_encoded(k) + _encoded(v) for k, v in value.items())
        case list():
            return _head(11, len(value)) + b"".join(map(_encoded, value))
        case str():
            return _head(2, len(value.encode())) + value.encode()
        case float():
            return _head(3, 8) + struct.pack(">d", value)
        case _:
            return _head(6, 4) + struct.pack(">I", value)


def _head(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([size, kind - 7]) if kind > 7 else bytes([kind << 5 | size])
