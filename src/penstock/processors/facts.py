"""Facts about where the daemon runs: the machine, the container, the pod; from files and variables, never from a network."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from penstock.fields import Model

log = structlog.get_logger(__name__)

LONGEST: Final = 2**20
"""Bytes of a file that are read."""
_CONTAINER: Final = re.compile(r"\b([0-9a-f]{64})\b")
_CGROUP: Final = (Path("/proc/self/cgroup"), Path("/proc/self/mountinfo"))


class KubernetesSettings(Model):
    """What the kubelet tells a pod by a `downwardAPI` volume."""

    field: str = "kubernetes"
    """The object that gets it."""
    labels: Path | None = Path("/etc/podinfo/labels")
    """The file of the labels: `labels` in the object."""
    annotations: Path | None = None
    """The file of the annotations: `annotations` in the object."""
    files: Mapping[str, Path] = {}
    """Further files, by the name that their text gets in the object: `{namespace: /etc/podinfo/namespace}`."""


def container_id(files: tuple[Path, ...] = _CGROUP) -> str:
    """Of the container in which this process runs; empty where it runs in none."""
    for path in files:
        found = _CONTAINER.search(read_text(path) or "")
        if found:
            return found[1]
    return ""


def kubernetes(settings: KubernetesSettings, folder: Path) -> dict[str, Any]:
    """What the files say now; a file that is not there says nothing."""
    found: dict[str, Any] = {}
    for name, path in (("labels", settings.labels), ("annotations", settings.annotations)):
        text = read_text(folder / path) if path is not None else None
        if text:
            found[name] = pairs(text)
    for name, path in settings.files.items():
        text = read_text(folder / path)
        if text:
            found[name] = text.strip()
    return found


def pairs(text: str) -> dict[str, str]:
    r"""Lines of `name="value"`, where the value is quoted as Go does it (`\"`, `\n`)."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name:
            inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
            found[name] = re.sub(
                r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), inner
            )
    return found


def read_text(path: Path) -> str | None:
    """The beginning of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST).decode("utf-8", "replace")
    except OSError:
        return None


class Refreshed:
    """A value that is made again from time to time."""

    def __init__(self, make: Callable[[], Any], every: float, now: float) -> None:
        self._make = make
        self._every = every
        self._next = now + every
        self._value = make()

    def at(self, now: float) -> Any:
        """The value, no older than `every` seconds; `now` is on the monotonic clock."""
        if now >= self._next:
            self._next = now + self._every
            self._value = self._make()
        return self._value
