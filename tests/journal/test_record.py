from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Block
from penstock.journal.record import END, HEADER_SIZE, encode_record, open_record, read_header, record_size

blocks = st.builds(
    lambda lines, source, only, mark, seq, arrived: Block(
        b"".join(line + b"\n" for line in lines), len(lines), source, arrived, seq, "n", only, mark=mark
    ),
    st.lists(st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")), min_size=1, max_size=9),
    st.text(max_size=9),
    st.text(max_size=9),
    st.binary(max_size=9),
    st.integers(0, 2**64 - 2**20),
    st.floats(0, 4e9),
)
nonces = st.integers(0, 2**32 - 1)


def opened(record: bytes, nonce: int) -> Block | None:
    header = read_header(record, 0)
    if header is None or header.length != len(record):
        return None
    at = header.head_size
    return open_record(header, record[:at], record[at:], nonce, "n")


@given(blocks, nonces)
def test_a_block_comes_back_whole(block: Block, nonce: int) -> None:
    record = b"".join(encode_record(block, nonce))
    assert len(record) == record_size(block)
    assert opened(record, nonce) == block


@given(blocks, nonces, nonces)
def test_it_is_valid_only_under_its_nonce(block: Block, nonce: int, other: int) -> None:
    record = b"".join(encode_record(block, nonce))
    assert (opened(record, other) is not None) == (nonce == other)


@given(blocks, nonces, st.data())
def test_any_flipped_bit_is_noticed(block: Block, nonce: int, data: st.DataObject) -> None:
    record = bytearray(b"".join(encode_record(block, nonce)))
    bit = data.draw(st.integers(0, len(record) * 8 - 1))
    record[bit // 8] ^= 1 << bit % 8
    assert opened(bytes(record), nonce) is None


def test_an_end_is_no_record() -> None:
    assert read_header(END, 0) is None
    assert len(END) == HEADER_SIZE == 40
