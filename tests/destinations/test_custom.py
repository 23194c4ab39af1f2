"""Loading a class by its dotted path; that one works as a destination is for tests/docs/test_examples.py to show."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.destinations.custom import CustomSettings
from penstock.errors import PluginError
from penstock.settings import load, masked, schema

MODULE = """
class Good:
    limits = transport = secrets = encode = judge = None
    def __init__(self, name, *, size=1):
        self.name, self.size = name, size

class Empty:
    def __init__(self, name): ...

class Broken:
    def __init__(self, name):
        raise OSError("no such place")

number = 7
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_for_test_custom.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


def settings(attribute: str, **options: Any) -> CustomSettings:
    path = f"made_for_test_custom:{attribute}"
    return CustomSettings.model_validate({"type": "custom", "class": path, "options": options})


def test_it_is_called_with_its_name_and_its_options() -> None:
    built: Any = settings("Good", size=3).build("mine")
    assert (built.name, built.size) == ("mine", 3)


@pytest.mark.parametrize(
    ("attribute", "options", "told"),
    [
        ("Nothing", {}, "Nothing"),
        ("Good", {"sise": 3}, "sise"),
        ("number", {}, "not a class"),
        ("Empty", {}, "lacks limits, transport, secrets, encode, judge"),
        ("Broken", {}, "no such place"),
    ],
)
def test_mistakes_are_told(attribute: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(PluginError, match=told):
        settings(attribute, **options).build("mine")


def test_a_module_that_is_not_there() -> None:
    absent = CustomSettings.model_validate({"type": "custom", "class": "no_such_module:Class"})
    with pytest.raises(PluginError, match="No module named"):
        absent.build("mine")


@pytest.mark.parametrize("path", ["module.Class", ":Class", "module:", "a b:Class"])
def test_what_is_no_dotted_path(path: str) -> None:
    with pytest.raises(ValidationError):
        CustomSettings.model_validate({"type": "custom", "class": path})


def test_it_is_called_class_wherever_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "penstock.yaml"
    path.write_text(
        "sources: {in: {type: stdin}}\ndestinations: {out: {type: custom, class: 'a:B'}}\n", "utf-8"
    )
    assert masked(load(path, {}))["destinations"]["out"]["class"] == "a:B"
    assert list(schema()["$defs"]["CustomSettings"]["properties"])[:3] == ["type", "enabled", "class"]
