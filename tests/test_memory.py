from pathlib import Path

import pytest

from penstock.memory import DEFAULT, budget, cgroup_limit, source_share


def group(root: Path, membership: str, **limits: str) -> tuple[Path, Path]:
    """A made-up /sys/fs/cgroup; in the names of `limits` `__` stands for `/`."""
    for name, text in limits.items():
        file = (
            root / "fs" / name.replace("__", "/").replace("_max", ".max").replace("_limit", ".limit_in_bytes")
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    (root / "membership").write_text(membership)
    return root / "fs", root / "membership"


@pytest.mark.parametrize(
    ("membership", "limits", "limit"),
    [
        ("0::/a/b\n", {"a__b__memory_max": "1000", "a__memory_max": "2000"}, 1000),
        ("0::/a/b\n", {"a__b__memory_max": "max", "a__memory_max": "2000"}, 2000),
        ("0::/a/b\n", {"memory_max": "3000"}, 3000),  # a container that sees its own group only
        ("0::/\n", {}, None),
        ("5:cpu,memory:/x\n", {"memory__x__memory_limit": "4000"}, 4000),
        ("5:memory:/x\n", {"memory__x__memory_limit": "9223372036854771712"}, None),
        ("", {}, None),
    ],
)
def test_the_tightest_limit_counts(
    tmp_path: Path, membership: str, limits: dict[str, str], limit: int | None
) -> None:
    assert cgroup_limit(*group(tmp_path, membership, **limits)) == limit


def test_what_is_asked_for_wins_then_the_group_then_the_default(tmp_path: Path) -> None:
    small = group(tmp_path, "0::/\n", memory_max=str(100 * 2**20))
    assert budget(7, *small) == 7
    assert budget(0, *small) == 50 * 2**20
    (tmp_path / "fs" / "memory.max").write_text("max")
    assert budget(0, *small) == DEFAULT
    assert budget(0, tmp_path / "nowhere", tmp_path / "nowhere") == DEFAULT


@pytest.mark.parametrize(
    ("held", "sources", "share"),
    [(2**28, 1, 2**26), (2**28, 4, 2**25), (2**24, 2, 2**22), (2**20, 1, 2**22), (2**30, 0, 2**26)],
)
def test_sources_share_half_as_much(held: int, sources: int, share: int) -> None:
    assert source_share(held, sources) == share
