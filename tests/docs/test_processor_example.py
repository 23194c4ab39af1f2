"""docs/examples/durations.py does what it says, and docs/how-to/write-a-processor.md shows how to test and to install it."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import penstock.processors
from penstock import plugins
from penstock.errors import PluginError
from penstock.processors.base import ProcessorSettings
from penstock.processors.shown import Shown
from penstock.testing import check_processor, check_shown
from penstock.testing.processing import block_of, chain_of, context

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to/write-a-processor.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS / "examples"))


@pytest.fixture
def kind() -> type[ProcessorSettings]:
    found = plugins.load("durations:DurationsSettings")
    assert isinstance(found, type)
    assert issubclass(found, ProcessorSettings)
    return found


def fence(language: str) -> str:
    """The first piece of the page in it."""
    return PAGE.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_the_entry_point_of_the_page_registers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    points = tomllib.loads(fence("toml"))["project"]["entry-points"]
    monkeypatch.setattr(
        plugins,
        "entry_points",
        lambda group: [EntryPoint(name, value, group) for name, value in points.get(group, {}).items()],
    )
    found = plugins.kinds(penstock.processors, ProcessorSettings, "penstock.processors")  # type: ignore[type-abstract] # only compared with
    settings = found["durations"].model_validate({"type": "durations", "fields": ["took", "db.took"]})
    assert type(settings.build(context())).__name__ == "Durations"


def test_the_tests_of_the_page_pass(kind: type[ProcessorSettings]) -> None:
    tests: dict[str, object] = {}
    exec(fence("python"), tests)
    for shown in kind.shown:
        tests["test_examples_are_true"](shown)  # type: ignore[operator] # it is a function of the page
    for on_error in ("keep", "drop", "dead_letter"):
        tests["test_takes_whatever_is_sent"](on_error)  # type: ignore[operator] # it is a function of the page


def test_the_checks_find_what_is_not_so(kind: type[ProcessorSettings]) -> None:
    with pytest.raises(AssertionError):
        check_shown(kind, Shown({"fields": ["took"]}, [{"took": "1s"}], [{"took": 1.0}]))

    class Raises:
        def process(self, events: object) -> None:
            raise KeyError("oops")

    with pytest.raises(AssertionError, match="internal error"):
        check_processor(Raises)


def test_what_is_no_duration_is_refused(kind: type[ProcessorSettings]) -> None:
    settings = kind.model_validate({"type": "durations", "fields": ["took"], "on_error": "dead_letter"})
    (events,) = chain_of(settings.build(context())).process(
        block_of([{"took": "1h"}, {"took": "9" * 400 + "s"}])
    )
    assert events.data() == b'{"took":3600000.0}\n'
    assert list(events.refused) == [1]
    assert "dead letters" in settings.misplaced()


def test_a_name_that_cannot_be_looked_for_says_so(kind: type[ProcessorSettings]) -> None:
    settings = kind.model_validate({"type": "durations", "fields": ['a"b']})
    with pytest.raises(PluginError, match="fields"):
        settings.build(context())
