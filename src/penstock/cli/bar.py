"""The progress bar of `penstock send`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeElapsedColumn, TransferSpeedColumn


@contextmanager
def bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """Shows a bar on standard error, and gives the function that moves it by so many bytes."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sending", total=total)
        yield lambda sent_bytes: progress.advance(task, sent_bytes)
