"""A look at a whole batch that tells whether anything but the times of its events matters.

The decoder refuses what would need a look at an event: a time that is no text, a level that the intake may misread, tags
of the event's own. Where it refuses nothing, nothing but the times is made into values.
"""

from operator import attrgetter

import msgspec

from penstock.block import Batch
from penstock.destinations.datadog_attributes import TAGS
from penstock.destinations.datadog_levels import WELL_READ

_time = attrgetter("time")


class Glance:
    """At events that say their time and their level in these fields; "" for a level that does not matter."""

    def __init__(self, time_field: str, level_field: str) -> None:
        fields: list[tuple[str, object, object]] = [("tags", None, None)]
        names = {"time": time_field, "tags": TAGS}
        if level_field:
            fields.append(("level", WELL_READ, None))
            names["level"] = level_field
        self._decoder: msgspec.json.Decoder[msgspec.Struct] | None = None
        # A dot may lead into an object, and two fields cannot have one name.
        if not any("." in name for name in names.values()) and len({*names.values()}) == len(names):
            row = msgspec.defstruct("Row", [("time", str), *fields], rename=names, gc=False)
            self._decoder = msgspec.json.Decoder(row)

    def times(self, batch: Batch) -> list[str] | None:
        """What each event says of its time; none where something else may be to be done about one."""
        if self._decoder is None:
            return None
        try:
            return list(map(_time, self._decoder.decode_lines(batch.data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
