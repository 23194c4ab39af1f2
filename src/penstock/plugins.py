"""Finds the kinds of source, processor and destination: our own by their file, others' by their entry point.

A kind is a settings model whose field `type` has one literal value. Dropping a module with such a
model into the package registers it; an outside package names its model in an entry point of the group
`penstock.sources`, `penstock.processors` or `penstock.destinations`.
"""

import difflib
import importlib
import importlib.util
import operator
import pkgutil
import traceback
from functools import reduce
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import Field

from penstock.errors import PluginError
from penstock.fields import Model

M = TypeVar("M", bound=Model)


def kinds(package: ModuleType, base: type[M], group: str) -> dict[str, type[M]]:
    """Every kind of `base`, by the value of its `type`, in alphabetical order.

    Raises `PluginError` where an entry point cannot be loaded or two claim the same name.
    """
    found: dict[str, type[M]] = {}
    for model in [*_ours(package, base), *_theirs(group, base)]:
        name = type_of(model)
        if name in found:
            raise PluginError(
                f"two kinds are called {name!r}: {found[name].__module__} and {model.__module__}"
            )
        found[name] = model
    return dict(sorted(found.items()))


def type_of(model: type[Model]) -> str:
    """The one value of its field `type`."""
    field = model.model_fields.get("type")
    values = get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()
    if len(values) != 1 or not isinstance(values[0], str):
        raise PluginError(
            f"{model.__module__}.{model.__qualname__} needs a field `type: Literal[...]` of one name"
        )
    return values[0]


def one_of(models: list[type[Any]]) -> Any:
    """The type of a field that takes any of these models, told apart by their `type`."""
    if len(models) == 1:
        return models[0]  # pydantic tells apart two or more
    return Annotated[reduce(operator.or_, models), Field(discriminator="type")]


def load(path: str) -> object:
    """What a dotted path such as `package.module:Class` names; `PluginError` where nothing is there."""
    module_name, colon, attribute = path.partition(":")
    if not colon or not attribute:
        raise PluginError(f"{path!r} is not a dotted path: write package.module:Class")
    try:
        target: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            target = getattr(target, part)
    except (ImportError, AttributeError) as exc:
        raise PluginError(f"{path!r} cannot be loaded: {exc}") from exc
    return target


def load_file(path: Path, attribute: str) -> object:
    """What a Python file has under this name; `PluginError` where it cannot be run or has no such thing."""
    name = f"penstock_file_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as exc:  # whatever a user's file raises when it is run
        raise PluginError(f"{path} cannot be loaded: {_told(exc, path)}") from exc
    if not hasattr(module, attribute):
        close = difflib.get_close_matches(attribute, vars(module), 1)
        raise PluginError(f"{path} has no {attribute!r}" + (f": did you mean {close[0]}?" if close else ""))
    return getattr(module, attribute)


def _told(exc: Exception, path: Path) -> str:
    """What was raised, and on which line of the file."""
    file = str(path.absolute())
    if isinstance(exc, OSError) and exc.strerror and exc.filename == file:
        return exc.strerror
    if isinstance(exc, SyntaxError):
        return f"{exc.msg} (line {exc.lineno})"
    frames = traceback.walk_tb(exc.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == file]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(exc).__name__}: {exc}{where}"


def _ours(package: ModuleType, base: type[M]) -> list[type[M]]:
    models: list[type[M]] = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        models += [
            item
            for item in vars(module).values()
            if isinstance(item, type)
            and issubclass(item, base)
            and item.__module__ == module.__name__
            and "type" in item.model_fields
        ]
    return models


def _theirs(group: str, base: type[M]) -> list[type[M]]:
    models: list[type[M]] = []
    for point in entry_points(group=group):
        try:
            model = point.load()
        except Exception as exc:  # an outside package may raise anything when it is imported
            raise PluginError(
                f"the entry point {point.name!r} ({point.value}) cannot be loaded: {exc}"
            ) from exc
        if not (isinstance(model, type) and issubclass(model, base)):
            raise PluginError(f"the entry point {point.name!r} ({point.value}) is not a {base.__name__}")
        models.append(model)
    return models
