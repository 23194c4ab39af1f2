"""Every way to put a body together gives what writing it line by line would give."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch, Block
from penstock.destinations.elasticsearch_lines import BulkLines


def expected(
    action: str, batch: Batch, names: list[str], routings: list[str | None], *, ids: bool
) -> list[object]:
    lines: list[object] = []
    for document, event_id, name, routing in zip(
        batch.lines(), batch.event_ids(), names, routings, strict=True
    ):
        about = {"_index": name} if name else {}
        about |= {} if routing is None else {"routing": routing}
        about |= {"_id": event_id} if ids else {}
        lines += [{action: about}, json.loads(document)]
    return lines


def parsed(body: bytes) -> list[object]:
    assert body.endswith(b"\n")
    assert not body.startswith(b"\n")
    return [json.loads(line) for line in body[:-1].split(b"\n")]


pieces = st.lists(st.tuples(st.integers(0, 2**62), st.integers(1, 1200)), min_size=1, max_size=3)


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("action", ["create", "index"])
@given(runs=pieces)
def test_all_to_one_index(action: str, ids: bool, runs: list[tuple[int, int]]) -> None:
    blocks = []
    for number, (first, count) in enumerate(runs):
        data = b"".join([b'{"n":%d,"at":"9%%s %%d"}\n' % n for n in range(count)])
        blocks.append(Block(data, count, "s", 0.0, first, f"n%{number // 2}"))
    batch, lines = Batch(tuple(blocks), 0.0), BulkLines(action, ids=ids)
    for name in ("", 'odd"name', "100%d"):
        wanted = expected(action, batch, [name] * batch.count, [None] * batch.count, ids=ids)
        assert parsed(lines.same(batch, batch.data, name)) == wanted
    assert len(lines.same(batch, batch.data)) <= batch.size + batch.count * lines.overhead


@pytest.mark.parametrize("ids", [True, False])
@given(
    where=st.lists(
        st.tuples(st.sampled_from(["", "a", 'b"\\']), st.none() | st.text(max_size=3)), min_size=1, max_size=9
    )
)
def test_each_to_its_own(ids: bool, where: list[tuple[str, str | None]]) -> None:
    where = [
        (name, None if text is None else text.encode("utf-8", "replace").decode()) for name, text in where
    ]
    data = b"".join(b'{"n":%d}\n' % n for n in range(len(where)))
    batch = Batch((Block(data, len(where), "s", 0.0, 996, "node"),), 0.0)
    names, routings = [name for name, _ in where], [routing for _, routing in where]
    body = BulkLines("create", ids=ids).each(batch, batch.lines(), names, routings)
    assert parsed(body) == expected("create", batch, names, routings, ids=ids)
