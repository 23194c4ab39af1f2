import struct
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal.isal_zlib import crc32

from penstock.errors import JournalNewer
from penstock.journal.segment import (
    DATA_START,
    FORMAT,
    SegmentHeader,
    decode_header,
    encode_header,
    name_to_seq,
    segment_name,
)

headers = st.builds(
    SegmentHeader,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.floats(0, 4e9),
    st.text("abcdef-0123456789", min_size=1, max_size=64),
)


@given(headers)
def test_a_header_comes_back(header: SegmentHeader) -> None:
    start = encode_header(header)
    assert len(start) == DATA_START
    assert decode_header(start) == header
    assert decode_header(b"\xff" * 4096 + start[4096:]) == header
    assert decode_header(start[:256]) == header


@given(headers, st.integers(0, 256 * 8 - 1))
def test_any_flipped_bit_in_both_copies_is_noticed(header: SegmentHeader, bit: int) -> None:
    start = bytearray(encode_header(header))
    for copy in (0, 4096):
        start[copy + bit // 8] ^= 1 << bit % 8
    assert decode_header(bytes(start)) is None


@pytest.mark.parametrize("start", [b"", b"PENSTOCK", bytes(DATA_START), b"PENSTOCK" * 1024])
def test_garbage_is_none(start: bytes) -> None:
    assert decode_header(start) is None


HEADER: Final = SegmentHeader(1, 0, 0, 1.0, "n")


def of_format(version: int) -> bytes:
    start = bytearray(encode_header(HEADER))
    start[12:14] = struct.pack("<H", version)
    start[8:12] = struct.pack("<I", crc32(bytes(start[12:256])))
    return bytes(start)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(JournalNewer, match=f"format {FORMAT + 1}"):
        decode_header(of_format(FORMAT + 1))


def test_an_older_format_is_read() -> None:
    assert decode_header(of_format(1)) == HEADER


def test_names() -> None:
    assert segment_name(251520) == "00000000000000251520.seg"
    assert name_to_seq(segment_name(2**63)) == 2**63
    assert [name_to_seq(name) for name in ("1.seg", "x.spare", "00000000000000251520.seg.new")] == [None] * 3
