"""The segment: a file of records, and what its first pages say.

    offset  size  field
         0     8  magic "PENSTOCK"
         8     4  crc32 of all that follows, to offset 256
        12     2  format version
        14     2  size of the node's name
        16     4  nonce: drawn at random whenever the file is begun
        20     4  reserved, 0
        24     8  sequence number of the first record
        32     8  bytes of all events in the journal's segments before this one
        40     8  when it was begun, float64 seconds since the epoch
        48    64  the node, UTF-8: the first half of the ids of these events
       112   144  reserved, 0

The same 256 bytes stand again at offset 4096, on another page: one page that goes bad does not cost the
segment. Records begin at offset 8192.
"""

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from isal.isal_zlib import crc32

from penstock.errors import JournalNewer
from penstock.journal.index import SparseIndex

FORMAT: Final = 2
"""Raised whenever an older Penstock could misread what is written. 2: records may hold a mark of the source."""
DATA_START: Final = 8192
_COPY_AT: Final = 4096
_SIZE: Final = 256
_MAGIC: Final = b"PENSTOCK"
_LEAD: Final = struct.Struct("<8sI")
_REST: Final = struct.Struct("<HHIIQQd64s144x")
_NAME: Final = re.compile(r"(\d{20})\.seg")
MAX_NODE: Final = 64


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What a segment says about itself."""

    nonce: int
    first_seq: int
    bytes_before: int
    created: float
    node: str


@dataclass(slots=True)
class Segment:
    """A segment as the journal knows it."""

    path: Path
    header: SegmentHeader
    size: int
    """Of the file, in bytes."""
    index: SparseIndex | None = field(default=None, repr=False)
    """None until somebody has read here."""

    @property
    def first_seq(self) -> int:
        """The sequence number of the first record."""
        return self.header.first_seq


def segment_name(first_seq: int) -> str:
    """The file's name."""
    return f"{first_seq:020d}.seg"


def name_to_seq(name: str) -> int | None:
    """The first sequence number that a file's name claims; none where it is no segment's."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def encode_header(header: SegmentHeader) -> bytes:
    """The first 8192 bytes of the file, both copies."""
    node = header.node.encode()
    rest = _REST.pack(
        FORMAT,
        len(node),
        header.nonce,
        0,
        header.first_seq,
        header.bytes_before,
        header.created,
        node,
    )
    copy = _LEAD.pack(_MAGIC, crc32(rest)) + rest
    return copy.ljust(_COPY_AT, b"\0") + copy.ljust(DATA_START - _COPY_AT, b"\0")


def decode_header(start: bytes) -> SegmentHeader | None:
    """Reads the first 8192 bytes; none where neither copy is sound. Raises `JournalNewer`."""
    return _decode(start[:_SIZE]) or _decode(start[_COPY_AT : _COPY_AT + _SIZE])


def _decode(copy: bytes) -> SegmentHeader | None:
    if len(copy) < _SIZE:
        return None
    magic, crc = _LEAD.unpack_from(copy)
    rest = copy[_LEAD.size :]
    if magic != _MAGIC or crc32(rest) != crc:
        return None
    version, node_size, nonce, _, first_seq, bytes_before, created, node = _REST.unpack(rest)
    if version > FORMAT:
        raise JournalNewer(
            f"a segment has format {version}, and this Penstock reads up to {FORMAT}: run the newer Penstock"
        )
    return SegmentHeader(nonce, first_seq, bytes_before, created, node[:node_size].decode())
