"""What the environment and files of secrets add to the configuration, read by pydantic-settings.

`PENSTOCK__DESTINATIONS__SEARCH__URL` is `destinations.search.url`: upper and lower case are the same, so such names
are lower case. A file of that name in a folder of secrets is read likewise; it wins over the environment.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from penstock.errors import Problem
from penstock.settings.model import Settings

PREFIX = "penstock__"
SECRETS = Path("/run/secrets")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting from outside the file."""

    origin: str
    """For people: `environment variable PENSTOCK__…`, `file /run/secrets/penstock__…`."""
    value: str


def variables(environ: Mapping[str, str]) -> dict[str, Variable]:
    """Those of the environment, by their name in lower case."""
    return {
        name.lower(): Variable(f"environment variable {name}", value)
        for name, value in environ.items()
        if name.lower().startswith(PREFIX)
    }


def secrets(folders: list[Path]) -> tuple[dict[str, Variable], list[Problem]]:
    """Those that lie in files, by the file's name in lower case; of two folders the last wins."""
    found: dict[str, Variable] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path in _files(folder):
            try:
                # Others' secrets may lie here too, unreadable to us: only ours are opened.
                text = path.read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as exc:
                why = (exc.strerror or "") if isinstance(exc, OSError) else "it is not UTF-8 text"
                problems.append(
                    Problem(_dotted(path.name), f"is to come from {path}, which cannot be read: {why}")
                )
            else:
                found[path.name.lower()] = Variable(f"file {path}", text)
    return found, problems


def _files(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - a Path for each foreign name is not needed
    except OSError:
        return  # most machines have no such folder
    yield from (folder / name for name in names if name.lower().startswith(PREFIX))


def parse(model: type[Settings], found: Mapping[str, Variable]) -> tuple[dict[str, Any], list[Problem]]:
    """The configuration they make, nested as in the file."""
    # EnvSettingsSource only looks for what it knows, so what it would pass over is found here.
    fields = list(model.model_fields)
    problems = [
        Problem(
            _dotted(name), f"is not known: it comes from the {variable.origin}", _did_you_mean(name, fields)
        )
        for name, variable in found.items()
        if name.removeprefix(PREFIX).split("__")[0] not in fields
    ]
    twin = create_model(
        "Variables",
        __base__=BaseSettings,
        **{name: (info.annotation, info) for name, info in model.model_fields.items()},  # type: ignore[call-overload] # mypy wants literal keywords
    )
    source = _Source(twin, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__")
    source.env_vars = {name: variable.value for name, variable in found.items()}
    return source(), problems


class _Source(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Lists and groups may be written as JSON; what is not JSON is left to validation, which says it better."""
        if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
            return value
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


def origin(found: Mapping[str, Variable], path: tuple[str, ...]) -> str:
    """Where the value at `path` came from; empty: from the file."""
    for length in range(len(path), 0, -1):
        variable = found.get(PREFIX + "__".join(path[:length]))
        if variable is not None:
            return variable.origin
    return ""


def _dotted(name: str) -> str:
    return name.lower().removeprefix(PREFIX).replace("__", ".")


def _did_you_mean(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.removeprefix(PREFIX).split("__")[0], known, 1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
