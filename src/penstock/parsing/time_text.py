"""A text that is a time and nothing else."""

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.timestamps import Timestamps


class TimeText(OneByOne):
    """Gives `timestamp`."""

    def __init__(self, times: Timestamps) -> None:
        self._times = times

    def parse(self, text: str, received: float) -> Fields | None:
        timestamp = self._times.normalise(text, received)
        return None if timestamp is None else {"timestamp": timestamp}
