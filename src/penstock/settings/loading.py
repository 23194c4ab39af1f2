"""Reads the configuration: the file, then the environment, then secrets from files; the later wins."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from penstock.document import Document, read
from penstock.errors import ConfigError, Problem
from penstock.problems import findings
from penstock.settings import variables
from penstock.settings.conflicts import conflicts
from penstock.settings.model import Settings, composed

_EXAMPLES = {
    "sources": 'add one, such as  sources: {app: {type: tcp, listen: "127.0.0.1:5170"}}',
    "destinations": "add one, such as  destinations: {out: {type: console}}",
}


def load(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    replace: Mapping[str, Any] | None = None,
    model: type[Settings] | None = None,
) -> Settings:
    """The configuration, whole and checked.

    `replace` has top-level parts that stand in place of the file's. Raises `ConfigError` with all that is wrong at
    once, and `PluginError` where a kind cannot be loaded.
    """
    model = model or composed()
    document = read(path, "begin with sources: and destinations:") if path else Document("the environment")
    found = variables.variables(environ)
    from_files, problems = variables.secrets(_folders(environ))
    found |= from_files
    outside, unknown = variables.parse(model, found)
    data = _merge({**document.data, **(replace or {})}, outside)
    problems = [*document.problems, *problems, *unknown]
    try:
        settings = model.model_validate(data, context={"environ": environ})
    except ValidationError as exc:
        named = {problem.path for problem in problems}
        more = [
            _problem(item.path, item.what, item.remedy, document, found)
            for item in findings(model, exc, data)
        ]
        raise ConfigError(
            document.source, [*problems, *(item for item in more if item.path not in named)]
        ) from None
    if path is not None:
        settings.found_in(path.parent)
    problems += [_located(problem, document) for problem in conflicts(settings)]
    if problems:
        raise ConfigError(document.source, problems)
    return settings


def located(path: Path, problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, each with its line in the file. Raises `ConfigError` where that cannot be read any more."""
    document = read(path)
    return [_located(problem, document) for problem in problems]


def _folders(environ: Mapping[str, str]) -> list[Path]:
    credentials = environ.get("CREDENTIALS_DIRECTORY")  # systemd.exec(5)
    return [variables.SECRETS, *([Path(credentials)] if credentials else [])]


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _problem(
    path: tuple[str | int, ...],
    what: str,
    remedy: str,
    document: Document,
    found: Mapping[str, variables.Variable],
) -> Problem:
    keys = tuple(str(key) for key in path)
    origin = variables.origin(found, keys)
    remedies = [remedy or (_EXAMPLES.get(keys[0], "") if len(keys) == 1 else "")]
    if what == "is missing" and len(keys) == 1:
        remedies = [_EXAMPLES.get(keys[0], remedy)]
    if origin:
        remedies.append(f"it comes from the {origin}")
    line = None if origin else document.line(path)
    return Problem(".".join(keys), what, "; ".join(filter(None, remedies)), line)


def _located(problem: Problem, document: Document) -> Problem:
    return Problem(problem.path, problem.what, problem.remedy, document.line(problem.path.split(".")))
