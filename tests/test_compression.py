import gzip

from hypothesis import given
from hypothesis import strategies as st

from penstock.compression import compress, compressor, zstd


@given(st.binary(max_size=5000))
def test_what_is_compressed_is_the_same_again(data: bytes) -> None:
    assert gzip.decompress(compress(data, "gzip")) == data
    assert zstd.decompress(compress(data, "zstd")) == data
    assert compress(data, "none") is data


@given(st.lists(st.binary(max_size=2000), max_size=8))
def test_a_stream_is_the_same_again_however_it_was_cut(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    for how, undo in (("gzip", gzip.decompress), ("zstd", zstd.decompress), ("none", bytes)):
        stream = compressor(how)  # type: ignore[arg-type]  # a loop over the three words
        assert undo(b"".join([stream.compress(piece) for piece in pieces]) + stream.flush()) == data


def test_the_same_input_gives_the_same_bytes() -> None:
    data = b'{"n":1}\n' * 10_000
    assert compress(data, "gzip") == compress(data, "gzip")
    assert compress(data, "gzip")[4:8] == bytes(4), "no time in the header"
    assert compress(data, "zstd") == compress(data, "zstd")
    assert len(compress(data, "gzip")) < len(data) / 10
