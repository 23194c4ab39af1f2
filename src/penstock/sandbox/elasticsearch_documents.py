"""Documents as the server reads them: an object, no name twice, JSON to the letter."""

import json
from typing import Any, Final

import msgspec

from penstock.sandbox.elasticsearch_errors import PARSING, Product, Trouble

_decode: Final = msgspec.json.Decoder().decode
_NO_CONTENT: Final = (
    "not_x_content_exception",
    "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
)


def document(raw: bytes, product: Product) -> dict[str, Any]:
    """One document. Raises `Trouble`, as an item fails."""
    if raw.lstrip()[:1] != b"{":
        if product == "elasticsearch":  # it says 500, though it is not to blame
            raise Trouble(500, *_NO_CONTENT)
        raise Trouble(400, PARSING[product], "failed to parse", cause=_NO_CONTENT)
    try:
        value: dict[str, Any] = _decode(raw)
        if raw.count(b'":') == _names(value) and b'" :' not in raw and b'"\t:' not in raw:
            return value  # as many names as there are: none is there twice
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # what the server takes is a little more
    return _slowly(raw, product)


def _slowly(raw: bytes, product: Product) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(
            raw.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as exc:
        raise Trouble(
            400, PARSING[product], f"failed to parse: {exc}", cause=("json_parse_exception", str(exc))
        ) from exc
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"Duplicate field '{name}'")
        made[name] = value
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"Non-standard token '{name}'")


def _names(value: dict[str, Any] | list[Any]) -> int:
    if isinstance(value, dict):
        return len(value) + sum([_names(inner) for inner in value.values() if isinstance(inner, dict | list)])
    return sum([_names(inner) for inner in value if isinstance(inner, dict | list)])
