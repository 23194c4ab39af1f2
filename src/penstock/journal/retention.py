"""Which segments may go: pure decisions."""

import itertools
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from penstock.journal.base import Cursor
from penstock.journal.catalogue import Catalogue

_LEAST: Final = 64 * 2**10


def floor_of(cursors: Mapping[str, Cursor], holders: Collection[str] | None, head: int, tail: int) -> int:
    """Everything below is done by all who hold.

    `holders` is None until they are known: until then, and while one of them has no cursor, nothing is done.
    """
    if holders is None:
        return tail
    return min((cursors[name].done if name in cursors else tail for name in holders), default=head)


def finished(catalogue: Catalogue, floor: int, now: float, keep_age: float, keep_bytes: int) -> int:
    """How many of the oldest segments may go because all have them and the archive need not keep them.

    The archive has a segment for `keep_age` after it ended, and no more than `keep_bytes` of such segments.
    The last segment stays: it is being written.
    """
    segments = list(catalogue)
    done = [
        (segment, following)
        for segment, following in itertools.pairwise(segments)
        if following.first_seq <= floor
    ]
    archive = sum(segment.size for segment, _ in done)
    count = 0
    for segment, following in done:
        expired = now - following.header.created >= keep_age
        if not expired and not (keep_bytes and archive > keep_bytes):
            break
        archive -= segment.size
        count += 1
    return count


def segment_size(configured: int, max_bytes: int) -> int:
    """An eighth of the whole at most, so that what must go never is all there is."""
    return max(min(configured, max_bytes // 8), _LEAST)


def slack(segment: int) -> int:
    """How much room is left when sources are told that the journal is full: what they still hold must fit."""
    return segment // 4


def lagging(cursors: Mapping[str, Cursor], holders: Iterable[str] | None, end: int) -> list[str]:
    """The holders that still need something below `end`."""
    return sorted(name for name in holders or () if name not in cursors or cursors[name].done < end)
