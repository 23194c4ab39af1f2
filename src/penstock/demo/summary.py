"""A line now and then: what was sent, and what each played service has of it."""

from collections.abc import Mapping
from datetime import datetime

from penstock.sandbox.received import Received


class Summary:
    """Tells what is new since it was last asked."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[int, int, int]] = {}
        self._sent = 0

    def line(self, now: float, sent: int, received: Mapping[str, Received]) -> str:
        """`12:00:10 sent 20 | hook 20 | search 19, 1 refused | splunk 20, 2 faults`; "" where nothing is new.

        `now` in seconds since the epoch, `sent` the lines sent so far.
        """
        parts = []
        for name, account in received.items():
            counts = account.counts
            totals = (counts.events, counts.refused, counts.faults)
            events, refused, faults = (
                new - old for new, old in zip(totals, self._before.get(name, (0, 0, 0)), strict=True)
            )
            self._before[name] = totals
            if events or refused or faults:
                more = [
                    f", {number} {what}"
                    for number, what in ((refused, "refused"), (faults, "faults"))
                    if number
                ]
                parts.append(f" | {name} {events}{''.join(more)}")
        fresh, self._sent = sent - self._sent, sent
        if not parts and not fresh:
            return ""
        clock = datetime.fromtimestamp(now).astimezone().strftime("%H:%M:%S")
        return f"{clock} sent {fresh}{''.join(parts)}"
