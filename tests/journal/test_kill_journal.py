"""A writer is killed at a random moment, again and again; nothing that it was told is durable is ever missing."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.journal.base import Gap
from penstock.journal.disk_journal import DiskJournal
from penstock.journal.inspect import verify
from penstock.testing.journal import read_all

WRITER = """
import asyncio, random, sys
from pathlib import Path
from penstock.block import Block
from penstock.clock import SystemClock
from penstock.journal.base import Cursor, JournalSettings
from penstock.journal.open import open_journal
from penstock.log import configure

async def main(folder, seed):
    random.seed(seed)
    configure("error")
    settings = JournalSettings(path=Path(folder), segment=2**19, max_bytes=2**23, cache=2**20, sync=0.005)
    journal = open_journal(settings, clock=SystemClock(), version="0")
    print(journal.node, journal.head, flush=True)
    journal.save_cursors({"all": Cursor(0, max(0, journal.head - 5000))})
    journal.hold(["all"])
    while True:
        for _ in range(random.randint(1, 20)):
            seq, count = journal.head, random.randint(1, 60)
            lines = [b'{"node":"%b","seq":%d,"pad":"%b"}\\n' % (journal.node.encode(), seq + i,
                     b"x" * random.randint(0, 400)) for i in range(count)]
            journal.append(Block(b"".join(lines), count, "tcp", 1.0))
        await journal.durable(journal.head)
        print("durable", journal.head, flush=True)
        journal.save_cursors({"all": Cursor(0, max(0, journal.head - 5000))})

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""

Opener = Callable[..., DiskJournal]


def write_until_killed(path: Path, seed: int) -> tuple[str, int, int]:
    """Node, head at its start, and what the writer was last told is durable."""
    command = [sys.executable, "-c", WRITER, str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline().split()
        deadline = time.monotonic() + random.uniform(0, 0.25)
        told = b""
        while (left := deadline - time.monotonic()) > 0:
            if select.select([writer.stdout], [], [], left)[0]:
                told += os.read(writer.stdout.fileno(), 2**16)
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read()
    lines = [line for line in told.splitlines(keepends=True) if line.endswith(b"\n")]
    durable = int(lines[-1].split()[1]) if lines else int(first[1])
    return first[0].decode(), int(first[1]), durable


@pytest.mark.integration
@pytest.mark.timeout(300)
async def test_nothing_durable_is_lost_and_no_number_repeats(opened: Opener, path: Path) -> None:
    random.seed(os.environ.get("PENSTOCK_SEED", "5"))
    ends: dict[str, int] = {}
    for round_ in range(50):
        node, start, durable = write_until_killed(path, round_)
        assert start >= max(ends.values(), default=0), "a number was given again"
        assert not verify(path).unreadable
        journal = opened(segment=2**19, max_bytes=2**23)
        assert journal.head >= durable
        assert journal.recovered.unclean
        for item in await read_all(journal, journal.tail):
            # A record that was being written when the process died had been promised to nobody.
            assert not isinstance(item, Gap) or item.first_seq >= durable or item.end_seq <= start, item
            if not isinstance(item, Gap):
                events = [json.loads(line) for line in item.lines()]
                wanted = [(item.node, item.first_seq + i) for i in range(item.count)]
                assert [(event["node"], event["seq"]) for event in events] == wanted
        ends[node] = journal.head
        await journal.close()
