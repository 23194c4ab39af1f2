"""What a processor tells about itself; `/metrics`, `/api/status` and tests read the same."""

from dataclasses import dataclass


@dataclass(slots=True)
class ProcessorStats:
    """Since the start of the process: `events_in + added = events_out + dropped`, once what is held has come out."""

    name: str
    """Its place in the chain, from 1, and its kind: `2-fields`."""
    events_in: int = 0
    events_out: int = 0
    added: int = 0
    """Made by it: further events that came of one, summaries."""
    dropped: int = 0
    """Left out, sent to the dead letters, or taken into a window."""
    errors: int = 0
    """Events with which something went wrong; what then became of them is for an option to say."""
    seconds: float = 0.0
    """Spent in it."""
    last_error: str = ""
