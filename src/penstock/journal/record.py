"""The record: how one block lies in a segment.

    offset  size  field
         0     4  magic FE 50 52 FF: two of its bytes occur in no UTF-8 text, so no event can look like it
         4     4  crc32 of all that follows, begun with the segment's nonce instead of 0
         8     4  size of the events in bytes
        12     4  count of the events
        16     8  sequence number of the first event
        24     8  arrival of the oldest event, float64 seconds since the epoch
        32     2  flags, 0
        34     2  size of the source's name
        36     2  size of the name in `only`
        38     2  size of the source's mark
        40     …  the source's name and the name in `only`, both UTF-8, the mark, then the events as NDJSON

Behind the last record stand 40 zero bytes, which the next one overwrites. All numbers are little-endian. A record is valid if its crc holds and its sequence number continues the last;
the nonce sees to it that what a recycled file held before is never valid.
"""

import struct
from dataclasses import dataclass
from typing import Final

from isal.isal_zlib import crc32

from penstock.block import Block

MAGIC: Final = b"\xfePR\xff"
_LEAD: Final = struct.Struct("<4sI")
_REST: Final = struct.Struct("<IIQdHHHH")
HEADER_SIZE: Final = _LEAD.size + _REST.size
END: Final = bytes(HEADER_SIZE)
"""Written with each record, behind it. Where something else stands behind the last valid record, there was another."""
OVERHEAD: Final = 2 * HEADER_SIZE + 3 * 0xFFFF
"""The most that a record and the end behind it take beside the events."""


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The first 40 bytes. It is only a claim until `open_record` has checked the crc."""

    crc: int
    size: int
    count: int
    first_seq: int
    arrived: float
    source_size: int
    only_size: int
    mark_size: int

    @property
    def head_size(self) -> int:
        """Bytes before the events."""
        return HEADER_SIZE + self.source_size + self.only_size + self.mark_size

    @property
    def length(self) -> int:
        """Bytes of the whole record."""
        return self.head_size + self.size

    @property
    def end_seq(self) -> int:
        """The sequence number after the last event."""
        return self.first_seq + self.count


def record_size(block: Block) -> int:
    """Bytes of the record that `block` becomes."""
    names = len(block.source.encode()) + len(block.only.encode())
    return HEADER_SIZE + names + len(block.mark) + len(block.data)


def encode_record(block: Block, nonce: int) -> tuple[bytes, bytes]:
    """Header with names and mark, and the events: to be written one after the other."""
    source, only, mark = block.source.encode(), block.only.encode(), block.mark
    rest = _REST.pack(
        len(block.data), block.count, block.first_seq, block.arrived, 0, len(source), len(only), len(mark)
    )
    rest += source + only + mark
    crc: int = crc32(block.data, crc32(rest, nonce))
    return _LEAD.pack(MAGIC, crc) + rest, block.data


def read_header(buffer: bytes, at: int) -> RecordHeader | None:
    """What claims to be a record's header at `at`, of which 40 bytes must be there; none where nothing does."""
    magic, crc = _LEAD.unpack_from(buffer, at)
    if magic != MAGIC:
        return None
    size, count, first_seq, arrived, _, source_size, only_size, mark_size = _REST.unpack_from(
        buffer, at + _LEAD.size
    )
    if not 0 < count <= size:
        return None
    return RecordHeader(crc, size, count, first_seq, arrived, source_size, only_size, mark_size)


def open_record(header: RecordHeader, head: bytes, data: bytes, nonce: int, node: str) -> Block | None:
    """The block of a record, from its first bytes with names and mark, and from its events; none where the crc does not hold."""
    if crc32(data, crc32(head[_LEAD.size :], nonce)) != header.crc:
        return None
    only = HEADER_SIZE + header.source_size
    mark = only + header.only_size
    return Block(
        data,
        header.count,
        head[HEADER_SIZE:only].decode(),
        header.arrived,
        header.first_seq,
        node,
        head[only:mark].decode(),
        mark=head[mark:],
    )
