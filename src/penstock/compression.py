"""Compression of whole bodies and of streams: gzip by ISA-L, zstd by the standard library or its backport.

Both give the same bytes for the same input, so that a retry is the same to the last byte, and both
release the GIL, so that threads are worth it for all but small inputs.
"""

import sys
from typing import Final, Protocol

from isal import isal_zlib

from penstock.exchange import Compression

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["SUFFIXES", "Compressor", "compress", "compressor", "zstd"]

_LEVEL: Final = 1
_GZIP_FORMAT: Final = 31
"""zlib's `wbits` for a gzip header with the largest window; the header's time stays 0."""

SUFFIXES: Final[dict[Compression, str]] = {"none": "", "gzip": ".gz", "zstd": ".zst"}
"""What a compressed file's name ends with."""


class Compressor(Protocol):
    """Compresses a stream piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """What can be given out already."""

    def flush(self) -> bytes:
        """The rest; nothing may follow."""


def compress(data: bytes, how: Compression) -> bytes:
    """The whole of `data`, compressed."""
    match how:
        case "none":
            return data
        case "gzip":
            return bytes(isal_zlib.compress(data, _LEVEL, _GZIP_FORMAT))
        case "zstd":
            return zstd.compress(data, _LEVEL)


def compressor(how: Compression) -> Compressor:
    """A stream of that kind."""
    match how:
        case "none":
            return _Plain()
        case "gzip":
            stream: Compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_FORMAT)
            return stream
        case "zstd":
            return zstd.ZstdCompressor(level=_LEVEL)


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""
