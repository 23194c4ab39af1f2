"""The kinds of value that a configuration is made of: sizes, times, addresses, secrets."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

SECRET_NAME: Final = re.compile(r"authorization|cookie|token|secret|password|api[-_]?key", re.IGNORECASE)
"""Is found in the name of what is likely to be a secret, though it is written as plain text: a header, say."""
_NUMBER: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_BYTES: Final = {
    "": 1, "b": 1,
    "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9, "t": 10**12, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_MOST_BYTES: Final = 2**63
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class Model(BaseModel):
    """The base of every part of the configuration: unknown keys are errors, values do not change.

    The docstring below a field is its description in the JSON Schema and on the reference page.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # it may be a secret
    )


def parse_size(value: object) -> int:
    """Bytes, from `4096`, `5MB` (powers of ten) or `1GiB` (powers of two)."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise ValueError("must not be negative")
        if value >= _MOST_BYTES:
            raise ValueError("is more than there can be")
        return value
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None or (factor := _BYTES.get(match[2].lower())) is None:
        raise ValueError("is not a size: write a number with a unit, such as 64KiB, 5MB or 1GiB")
    size = float(match[1]) * factor
    if size >= _MOST_BYTES:
        raise ValueError("is more than there can be")
    return int(size)


def parse_duration(value: object) -> float:
    """Seconds, from `100ms`, `1.5s`, `10m`, `24h` or `7d`; a bare number is seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0 or not math.isfinite(value):
            raise ValueError("must be a finite number of seconds, not below 0")
        return float(value)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None or (factor := _SECONDS.get(match[2].lower() or "s")) is None:
        raise ValueError("is not a time: write a number with a unit, such as 100ms, 1s, 10m or 24h")
    seconds = float(match[1]) * factor
    if not math.isfinite(seconds):
        raise ValueError("must be a finite number of seconds, not below 0")
    return seconds


def show_size(size: int) -> str:
    """The shortest exact way to write this many bytes."""
    for unit in ("TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "kB"):
        if size and size % _BYTES[unit.lower()] == 0:
            return f"{size // _BYTES[unit.lower()]}{unit}"
    return f"{size}B"


def show_duration(seconds: float) -> str:
    """The shortest way to write this many seconds, to the microsecond."""
    if not seconds:
        return "0s"
    for unit in ("d", "h", "m", "s"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds * 1000:.3f}".rstrip("0").rstrip(".") + "ms"


_SIZE_SCHEMA: Final = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*([kKmMgGtT]i?)?[bB]?\s*$"},
    ],
    "examples": ["64KiB", "5MB", "1GiB"],
}
_DURATION_SCHEMA: Final = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|m|min|h|d)?\s*$"},
    ],
    "examples": ["100ms", "1s", "24h"],
}

Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(show_size, return_type=str, when_used="json"),
    WithJsonSchema(_SIZE_SCHEMA),
]
"""Bytes."""

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(show_duration, return_type=str, when_used="json"),
    WithJsonSchema(_DURATION_SCHEMA),
]
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, value: object) -> "Address":
        """Reads the text form; `ValueError` says how it should look."""
        if isinstance(value, Address):
            return value
        if isinstance(value, str):
            host, colon, port = value.rpartition(":")
            bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
            if (
                colon
                and bare
                and port.isdecimal()
                and int(port) < 65536
                and (bare == host) == (":" not in bare)
            ):
                return cls(bare, int(port))
        raise ValueError('is not an address: write "127.0.0.1:5170" or "[::1]:5170", in quotes')

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Only this machine can reach it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^(\[[0-9a-fA-F:.]+\]|[^:\[\]]+):\d{1,5}$",
            "examples": ["127.0.0.1:5170"],
        }


def read_secret(value: object, info: ValidationInfo) -> object:
    """A secret's text, from the text itself, `{env: NAME}` or `{file: PATH}`.

    The environment is the one under `environ` in the validation's context, else that of the process.
    """
    if not isinstance(value, dict):
        return value
    # By hand rather than by a model: the message must never show what was written, it may be the secret.
    match value:
        case {"env": str(name), **rest} if name and not rest:
            environ: Mapping[str, str] = (info.context or {}).get("environ", os.environ)
            if (text := environ.get(name)) is None:
                raise ValueError(f"is to come from the environment variable {name}, which is not set")
            return text
        case {"file": str(path), **rest} if path and not rest:
            return _read_file(Path(path))
        case _:
            raise ValueError("names no place: write the secret as text, as {env: NAME} or as {file: PATH}")


def _read_file(path: Path) -> str:
    try:
        path = path.absolute()  # so that a message tells where it was looked for
        text = path.read_text("utf-8").rstrip("\r\n")
    except OSError as exc:
        raise ValueError(f"is to come from the file {path}, which cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError:
        # No cause: it would carry the bytes of the file.
        raise ValueError(f"is to come from the file {path}, which is not UTF-8 text") from None
    if not text:
        raise ValueError(f"is to come from the file {path}, which is empty")
    return text


Secret = Annotated[
    SecretStr,
    BeforeValidator(read_secret),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Text that is never shown: written as it is, as `{env: NAME}` or as `{file: PATH}`."""


FieldName = Annotated[str, StringConstraints(pattern=r'^[^"\\\x00-\x1f]*$')]
"""The name of an event's field that stands in JSON as it is; empty for none."""


def parse_url(value: object) -> str:
    """An absolute http or https URL without credentials in it."""
    if not isinstance(value, str):
        raise ValueError("is not a URL: write http://host:port/path or https://…")  # noqa: TRY004 - pydantic takes ValueError
    if not value.strip().isprintable() or " " in value.strip():
        raise ValueError("holds a space or a control character: write it percent-encoded")
    parts = urlsplit(value.strip())
    try:
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        raise ValueError("is not a URL: write http://host:port/path or https://…")
    if parts.username or parts.password:
        raise ValueError("holds a user or a password: put them under `auth`, where they are kept secret")
    if parts.fragment:
        raise ValueError("holds a fragment (#…), which is never sent: leave it out")
    return value.strip()


HttpUrl = Annotated[
    str,
    BeforeValidator(parse_url),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"}),
]
"""An absolute URL."""
