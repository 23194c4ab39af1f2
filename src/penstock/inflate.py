"""Bodies out of gzip, deflate and zstd, never to more than a given size."""

from collections.abc import Callable
from typing import Final, Protocol

from isal import isal_zlib

from penstock.compression import zstd

_SLICE: Final = 2**16
"""Bytes given to a decompressor at a time: what one member leaves over is copied, so it is kept short."""
_MEMBERS: Final = 1024
"""Most members (gzip) or frames (zstd) of one body: each costs time even where it holds nothing."""
_WINDOW_LOG: Final = 23
"""zstd may ask for a window of 8 MiB, as RFC 9659 has it for HTTP; more is memory for the asking."""


class Broken(ValueError):
    """The data is not what it is said to be; the text says how."""


class TooLarge(ValueError):
    """There is more in it than was allowed; it was not inflated any further."""


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: memoryview, max_length: int, /) -> bytes: ...


def inflate(data: bytes, coding: str, limit: int) -> bytes:
    """What is in `data`, at most `limit` bytes; `coding` is one of `CODINGS`. Raises `Broken` or `TooLarge`.

    Lets go of the interpreter's lock, so that it may run in a thread.
    """
    try:
        return _inflate(
            data, _STREAMS["raw deflate" if coding == "deflate" and _is_raw(data) else coding], limit
        )
    except (isal_zlib.IsalError, zstd.ZstdError) as exc:  # type: ignore[misc]  # the stub says it is no class
        raise Broken(str(exc)) from exc


def _inflate(data: bytes, start: Callable[[], _Stream], limit: int) -> bytes:
    view = memoryview(data)
    parts: list[bytes] = []
    size = at = 0
    for _ in range(_MEMBERS):
        stream = start()
        while not stream.eof:
            piece = view[at : at + _SLICE]
            if not piece:
                raise Broken("it ends too early")
            at += len(piece)
            # Less than was allowed comes out, or all is over: so every piece is used up at once.
            part = stream.decompress(piece, limit - size + 1)
            size += len(part)
            if size > limit:
                raise TooLarge
            parts.append(part)
        at -= len(stream.unused_data)
        if at == len(view) or (view[at] == 0 and not any(view[at:])):  # gzip may be padded with zeros
            return b"".join(parts)
    raise Broken(f"it has more than {_MEMBERS} members")


def _is_raw(data: bytes) -> bool:
    """Whether the two bytes of the zlib format are missing, which RFC 9110 asks for and some senders forget."""
    return len(data) < 2 or data[0] & 0x0F != 8 or int.from_bytes(data[:2], "big") % 31 != 0


_ZSTD_OPTIONS: Final = {int(zstd.DecompressionParameter.window_log_max): _WINDOW_LOG}
_STREAMS: Final[dict[str, Callable[[], _Stream]]] = {
    "gzip": lambda: isal_zlib.decompressobj(31),
    "x-gzip": lambda: isal_zlib.decompressobj(31),
    "deflate": lambda: isal_zlib.decompressobj(15),
    "raw deflate": lambda: isal_zlib.decompressobj(-15),
    "zstd": lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS),
}
CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate", "zstd"})
"""Values of `Content-Encoding` that `inflate` knows."""
