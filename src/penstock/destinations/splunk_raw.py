"""Bodies for Splunk's `raw` endpoint: lines, and what is true of all of them in the query.

https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector (raw event parsing)
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from penstock.block import Batch
from penstock.columns import Columns
from penstock.destinations.base import Split
from penstock.destinations.event_time import event_times
from penstock.destinations.template import Template


class RawQuery:
    """The query that says where a batch comes from and where to it goes."""

    def __init__(self, metadata: Mapping[str, str], time_field: str) -> None:
        """`metadata` are templates by name; `time_field` is where an event says its time, for dates in them."""
        self._templates = {name: Template(text) for name, text in metadata.items()}
        self._fixed = all(template.fixed is not None for template in self._templates.values())
        self._dated = any(template.dated for template in self._templates.values())
        wanted = [path for template in self._templates.values() for path in template.paths]
        wanted += [time_field] if self._dated and time_field else []
        self._time_field = time_field
        self._columns = Columns(list(dict.fromkeys(wanted)))

    def of(self, batch: Batch) -> str | Split:
        """The query, with its question mark; apart where the events do not share one."""
        if self._fixed:
            return _query({name: template.fixed for name, template in self._templates.items()})
        values = dict(zip(self._columns.paths, self._columns.read(batch), strict=True))
        times = event_times(batch, values.get(self._time_field)) if self._dated else []
        texts = [
            template.fill(batch, [values[path] for path in template.paths], times)
            for template in self._templates.values()
        ]
        groups: dict[tuple[str | None, ...], list[int]] = {}
        for index, row in enumerate(zip(*texts, strict=True)):
            groups.setdefault(row, []).append(index)
        if len(groups) > 1:
            return Split(list(groups.values()))
        (row,) = groups
        return _query(dict(zip(self._templates, row, strict=True)))


def _query(said: Mapping[str, str | None]) -> str:
    present = {name: text for name, text in said.items() if text}
    return "?" + urlencode(present, quote_via=quote, safe="") if present else ""
