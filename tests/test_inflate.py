import contextlib
import gzip
import random
import sys
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.inflate import CODINGS, Broken, TooLarge, inflate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", zstd.compress),
}
packers = pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS)


@packers
@given(data=st.binary(max_size=5000))
def test_gives_back_what_was_packed(coding: str, pack: Callable[[bytes], bytes], data: bytes) -> None:
    assert inflate(pack(data), coding, len(data)) == data


@packers
def test_larger_than_a_slice(coding: str, pack: Callable[[bytes], bytes]) -> None:
    data = random.Random(1).randbytes(300_000)
    assert inflate(pack(data), coding, 300_000) == data


@packers
def test_stops_at_the_limit(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert len(inflate(pack(b"0" * 1000), coding, 1000)) == 1000
    with pytest.raises(TooLarge):
        inflate(pack(b"0" * 1001), coding, 1000)
    with pytest.raises(TooLarge):
        inflate(pack(b"0" * 50_000_000), coding, 1000)


@packers
def test_cut_or_changed_data_is_broken(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"some text that is long enough to be cut somewhere" * 3)
    for cut in range(len(packed)):
        with pytest.raises(Broken):
            inflate(packed[:cut], coding, 1000)
    with pytest.raises(Broken):
        inflate(packed + b"more", coding, 1000)


@pytest.mark.parametrize(("coding", "pack"), [PACKERS["gzip"], PACKERS["zstd"]])
def test_members_follow_each_other_up_to_a_bound(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert inflate(pack(b"a") + pack(b"") + pack(b"bc"), coding, 10) == b"abc"
    with pytest.raises(TooLarge):
        inflate(pack(b"abc") * 4, coding, 10)
    with pytest.raises(Broken, match="members"):
        inflate(pack(b"") * 2000, coding, 10)


def test_gzip_may_be_padded() -> None:
    assert inflate(gzip.compress(b"a") + bytes(512), "gzip", 10) == b"a"
    with pytest.raises(Broken):
        inflate(gzip.compress(b"a") + bytes(5) + b"x", "gzip", 10)


def test_zstd_may_not_ask_for_much_memory() -> None:
    packer = zstd.ZstdCompressor(options={int(zstd.CompressionParameter.window_log): 26})
    packed = packer.compress(b"x" * 100) + packer.flush()
    with pytest.raises(Broken):
        inflate(packed, "zstd", 1000)


@given(coding=st.sampled_from(sorted(CODINGS)), data=st.binary(max_size=300))
def test_any_bytes_are_bytes_or_broken(coding: str, data: bytes) -> None:
    with contextlib.suppress(Broken, TooLarge):
        assert len(inflate(data, coding, 100)) <= 100
