"""Whatever is done to a journal, it gives back what was put in, or says that it cannot."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from penstock.block import Block
from penstock.clock import SystemClock
from penstock.journal.base import Cursor, Gap, JournalSettings
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.open import open_journal

Kill = Callable[[DiskJournal], None]

appends = st.tuples(st.just("append"), st.lists(st.integers(8, 9000), min_size=1, max_size=6))
steps = st.one_of(
    appends,
    appends,
    appends,
    st.tuples(st.just("read"), st.floats(0, 1), st.integers(1, 2**17)),
    st.tuples(st.just("cursor"), st.floats(0, 1)),
    st.tuples(st.just("durable")),
    st.tuples(st.just("reopen")),
    st.tuples(st.just("kill")),
    st.tuples(st.just("truncate"), st.integers(0, 99), st.floats(0, 1)),
    st.tuples(st.just("flip"), st.integers(0, 99), st.floats(0, 1), st.integers(1, 255)),
    st.tuples(st.just("empty"), st.integers(0, 99)),
    st.tuples(st.just("garbage cursors")),
)


class Model:
    """A journal beside a plain record of what was put in."""

    def __init__(self, folder: Path, kill: Kill, cache: int) -> None:
        self.path = folder / "journal"
        self.kill = kill
        self.cache = cache
        self.lines: dict[tuple[str, int], bytes] = {}
        """By node and sequence number: of each event that was ever appended."""
        self.damaged = False
        self.done = self.saved = 0
        self.journal = self.open()

    def open(self) -> DiskJournal:
        chosen = JournalSettings(path=self.path, segment=2**16, cache=self.cache, sync=0.001)
        journal = open_journal(chosen, clock=SystemClock(), version="0")
        assert isinstance(journal, DiskJournal)
        return journal

    def append(self, sizes: list[int]) -> None:
        number = len(self.lines)
        lines = [
            (b'{"n":%d,"p":"' % (number + i)).ljust(size, b"x") + b'"}\n' for i, size in enumerate(sizes)
        ]
        first = self.journal.append(Block(b"".join(lines), len(lines), "tcp", 1.0))
        for i, line in enumerate(lines):
            event = self.journal.node, first + i
            assert event not in self.lines, "an id that was used before"
            self.lines[event] = line

    async def read(self, share: float, max_bytes: int) -> None:
        seq = int(self.journal.head * share)
        while seq < self.journal.head:
            items = await self.journal.read(seq, max_bytes)
            assert items
            for item in items:
                assert item.first_seq == seq
                seq += item.count
                if isinstance(item, Gap):
                    assert item.reason == "evicted" or self.damaged, "lost without damage"
                    continue
                wanted = [self.lines[item.node, item.first_seq + i] for i in range(item.count)]
                assert item.data == b"".join(wanted)
        assert seq == max(self.journal.head, int(self.journal.head * share))

    def cursor(self, share: float) -> None:
        self.done = max(self.done, int(self.journal.head * share))
        self.journal.hold(["a"])
        self.journal.save_cursors({"a": Cursor(0, self.done)})

    def hurt(self, which: int, harm: Callable[[Path], None]) -> None:
        """Damages a segment while nobody has the journal open."""
        self.kill(self.journal)
        files = sorted((self.path / "segments").glob("*.seg"))
        if files:
            self.damaged = True
            harm(files[which % len(files)])
        head = self.journal.head
        self.journal = self.open()
        assert self.journal.head <= head or not files
        assert self.journal.head >= self.saved

    async def step(self, step: tuple[object, ...]) -> None:  # noqa: C901 -- one case a step
        match step:
            case ("append", list(sizes)):
                self.append(sizes)
            case ("read", float(share), int(max_bytes)):
                await self.read(share, max_bytes)
            case ("cursor", float(share)):
                self.cursor(share)
            case ("durable",):
                await self.journal.durable(self.journal.head)
                assert self.journal.stats().durable == self.journal.head
            case ("reopen",):
                head, self.saved = self.journal.head, self.done
                await self.journal.close()
                self.journal = self.open()
                assert self.journal.head == head
            case ("kill",):
                head, node = self.journal.head, self.journal.node
                self.kill(self.journal)
                self.journal = self.open()
                assert self.journal.head == head
                assert self.damaged or self.journal.node == node
            case ("truncate", int(which), float(share)):
                self.hurt(which, lambda file: os.truncate(file, int(file.stat().st_size * share)))
            case ("flip", int(which), float(share), int(bits)):
                self.hurt(which, lambda file: flip(file, int(file.stat().st_size * share), bits))
            case ("empty", int(which)):
                self.hurt(which, lambda file: os.truncate(file, 0))
            case ("garbage cursors",):
                await self.journal.close()
                with contextlib.suppress(FileNotFoundError):
                    os.truncate(self.path / "cursors.json", 10)
                self.done = self.saved = 0
                self.journal = self.open()
            case _:
                raise AssertionError(step)


def flip(file: Path, at: int, bits: int) -> None:
    data = bytearray(file.read_bytes())
    if data:
        data[min(at, len(data) - 1)] ^= bits
        file.write_bytes(data)


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, min_size=1, max_size=25), st.sampled_from([0, 2**15, 2**20]))
def test_it_keeps_to_the_model(kill: Kill, plan: list[tuple[object, ...]], cache: int) -> None:
    folder = Path(tempfile.mkdtemp())

    async def run() -> None:
        model = Model(folder, kill, cache)
        try:
            for step in plan:
                await model.step(step)
            await model.read(0.0, 2**16)
        finally:
            await model.journal.close()

    try:
        asyncio.run(run())
    finally:
        shutil.rmtree(folder)
