import importlib
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest

import penstock.destinations
from penstock import plugins
from penstock.destinations.base import DestinationSettings
from penstock.errors import PluginError
from penstock.fields import Model


class OutsideSettings(DestinationSettings):
    type: Literal["outside"]


class TwinSettings(DestinationSettings):
    type: Literal["webhook"]


class NamelessSettings(Model):
    name: str


def entry_points(*values: str) -> object:
    return lambda group: [EntryPoint("it", value, group) for value in values]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package of two modules, one of them with a kind."""
    folder = tmp_path / "some_kinds"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "helper.py").write_text("from penstock.fields import Model\nclass Base(Model): ...\n")
    (folder / "one.py").write_text(
        textwrap.dedent("""
            from typing import Literal
            from some_kinds.helper import Base
            class OneSettings(Base):
                type: Literal["one"]
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("some_kinds")
    for name in [name for name in sys.modules if name.startswith("some_kinds")]:
        del sys.modules[name]


def test_dropping_a_file_registers_its_kind(package: ModuleType) -> None:
    assert list(plugins.kinds(package, Model, "penstock.nobody")) == ["one"]


def test_our_own_kinds_are_found() -> None:
    found = plugins.kinds(penstock.destinations, DestinationSettings, "penstock.nobody")  # type: ignore[type-abstract] # only compared with
    assert {"console", "custom", "file", "webhook"} <= found.keys()


def test_an_entry_point_registers_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.modules["outside_package"] = sys.modules[__name__]
    monkeypatch.setattr(plugins, "entry_points", entry_points("outside_package:OutsideSettings"))
    found = plugins.kinds(penstock.destinations, DestinationSettings, "penstock.destinations")  # type: ignore[type-abstract] # only compared with
    assert found["outside"] is OutsideSettings
    del sys.modules["outside_package"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nowhere_at_all:X", "cannot be loaded"),
        ("penstock.errors:PluginError", "is not a DestinationSettings"),
        ("outside_package:TwinSettings", "two kinds are called 'webhook'"),
    ],
)
def test_a_broken_entry_point_says_which(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    monkeypatch.setitem(sys.modules, "outside_package", sys.modules[__name__])
    monkeypatch.setattr(plugins, "entry_points", entry_points(value))
    with pytest.raises(PluginError, match=said):
        plugins.kinds(penstock.destinations, DestinationSettings, "penstock.destinations")  # type: ignore[type-abstract] # only compared with


def test_a_kind_needs_one_name() -> None:
    with pytest.raises(PluginError, match="needs a field `type"):
        plugins.type_of(NamelessSettings)


def test_a_dotted_path_is_loaded() -> None:
    assert plugins.load("penstock.errors:PluginError") is PluginError


@pytest.mark.parametrize(
    "path", ["penstock.errors", "penstock.errors:", "penstock.nowhere:X", "penstock.errors:No.x"]
)
def test_a_wrong_dotted_path_says_so(path: str) -> None:
    with pytest.raises(PluginError):
        plugins.load(path)
