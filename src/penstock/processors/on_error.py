"""What becomes of events with which something went wrong, as the option `on_error` says."""

from collections.abc import Mapping

from penstock.processors.base import OnError
from penstock.processors.events import Events


def settle_failed(events: Events, failed: Mapping[int, str], on_error: OnError) -> None:
    """Counts them, by index with the reason, and leaves them as they are, leaves them out or sends them away."""
    events.fail_each(failed)
    if failed and on_error == "drop":
        events.keep([index not in failed for index in range(events.count)])
    elif on_error == "dead_letter":
        events.refuse(failed)


def no_dead_letters(chosen: str, instead: str = "on_error is keep or drop") -> str:
    """Why a processor with this option cannot stand before the journal; empty where it can."""
    return f"there are no dead letters before it: {instead}" if chosen == "dead_letter" else ""
