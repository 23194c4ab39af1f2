"""Reads the sandbox's configuration, and faults that are set while it runs: all that is wrong is told at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from penstock.document import Document, read
from penstock.errors import ConfigError, Problem
from penstock.fields import Model
from penstock.problems import findings
from penstock.sandbox.faults import Fault, FaultList
from penstock.sandbox.settings import SandboxSettings, ServiceConfig, composed, conflicts, misplaced

_BEGIN = "begin with  services: {hook: {type: webhook}}"


class _Faults(Model):
    """What is sent to set faults."""

    faults: FaultList


def load(path: Path, replace: Mapping[str, Any] | None = None) -> SandboxSettings:
    """The configuration of a file; `replace` stands in place of its top-level keys. Raises `ConfigError`."""
    document = read(path, _BEGIN)
    return _checked(document, {**document.data, **(replace or {})})


def checked(data: Mapping[str, Any], source: str) -> SandboxSettings:
    """A configuration that no file holds. Raises `ConfigError`, which names `source`."""
    return _checked(Document(source), data)


def faults(data: object, services: Mapping[str, ServiceConfig]) -> tuple[Fault, ...]:
    """Faults, from a list of them or a single one. Raises `ConfigError`."""
    document = Document("faults")
    given = {"faults": data if isinstance(data, list) else [data]}
    try:
        found = _Faults.model_validate(given).faults
    except ValidationError as exc:
        raise ConfigError(document.source, _problems(_Faults, exc, given, document)) from None
    if problems := list(misplaced(found, services)):
        raise ConfigError(document.source, problems)
    return found


def _checked(document: Document, data: Mapping[str, Any]) -> SandboxSettings:
    model = composed()
    try:
        settings = model.model_validate(data)
    except ValidationError as exc:
        problems = _problems(model, exc, data, document)
        named = {problem.path for problem in document.problems}
        raise ConfigError(
            document.source, [*document.problems, *(one for one in problems if one.path not in named)]
        ) from None
    problems = [
        *document.problems,
        *(
            Problem(one.path, one.what, one.remedy, document.line(_keys(one.path)))
            for one in conflicts(settings)
        ),
    ]
    if problems:
        raise ConfigError(document.source, problems)
    return settings


def _problems(
    model: type[Model], error: ValidationError, data: Mapping[str, Any], document: Document
) -> list[Problem]:
    return [
        Problem(".".join(map(str, item.path)), item.what, item.remedy, document.line(item.path))
        for item in findings(model, error, data)
    ]


def _keys(path: str) -> list[str | int]:
    return [int(key) if key.isdecimal() else key for key in path.split(".")]
