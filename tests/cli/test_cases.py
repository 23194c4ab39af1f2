"""`penstock test`: events in, events out."""

import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import Result

from penstock.cli.exits import Exit

Penstock = Callable[..., Result]

CONFIG = """
sources: {app: {type: tcp, listen: "127.0.0.1:0"}}
journal: {type: memory}
processors:
  - {type: filter, where: 'level != "debug"'}
destinations:
  errors:
    type: console
    match: 'level == "error"'
    processors: [{type: fields, set: {env: prod}, compute: {twice: n * 2}, on_error: dead_letter}]
  counts: {type: console, processors: [{type: aggregate, by: [level]}]}
tests:
"""


@pytest.fixture
def run(tmp_path: Path, penstock: Penstock) -> Callable[..., Result]:
    def run(tests: str, *more: object) -> Result:
        path = tmp_path / "c.yaml"
        path.write_text(CONFIG + "\n".join("  " + line for line in tests.splitlines()))
        return penstock("test", "--config", path, *more)

    return run


def test_what_comes_out_as_it_says_passes(run: Callable[..., Result]) -> None:
    result = run(
        """
- {name: debug is nowhere, given: [{level: debug}], gives: []}
- {name: text stays, given: [plain text], gives: [{message: plain text, timestamp: "2026-01-01T00:00:00.000Z"}]}
- {name: errors, at: errors, given: [{level: error, n: 1}, {level: info}], gives: [{n: 2, level: error, twice: 2, env: prod}]}
- {name: partly, at: errors, partly: true, given: [{level: error, n: 1.5}], gives: [{twice: 3}]}
- {name: windows end, at: counts, partly: true, given: [{level: a}, {level: a}], gives: [{level: a, count: 2}]}
""".replace("n: 2, level", "n: 1, level")
    )
    assert (result.stderr, result.exit_code) == ("", Exit.OK), result.stdout
    assert result.stdout.splitlines()[-1] == "5 of 5 passed."


def test_what_does_not_is_told_field_by_field(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(
        """
- {name: wrong, at: errors, given: [{level: error, n: 1, c: {d: 1}}], gives: [{level: Error, n: 1, c: {}, twice: "2", x: 1, env: prod}]}
- {name: fewer, at: errors, given: [{level: error, n: x}], gives: [{a: 1}]}
- {name: more, given: [{a: 1}, {b: 2}], gives: [{a: 1}]}
- {name: good, given: [{a: 1}], gives: [{a: 1}]}
""",
        "--junit",
        tmp_path / "r.xml",
    )
    assert result.exit_code == Exit.FAILURE
    assert result.stdout.splitlines() == [
        "FAILED  wrong (c.yaml:14)",
        '        event 1: level is "error", wanted "Error"',
        "        event 1: c.d is 1, wanted nothing",
        '        event 1: twice is 2, wanted "2"',
        "        event 1: x is missing, wanted 1",
        "FAILED  fewer (c.yaml:15)",
        '        did not come: {"a":1}',
        "        became a dead letter: twice: * does not take string and int",
        "        1-fields: twice: * does not take string and int (1 event)",
        "FAILED  more (c.yaml:16)",
        '        came as well: {"b":2}',
        "ok      good",
        "1 of 4 passed.",
    ]
    suite = ET.parse(tmp_path / "r.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "3")
    assert [one.find("failure") is not None for one in suite] == [True, True, True, False]


def test_tests_may_stand_in_files_and_be_chosen_by_name(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("tests: [{name: beside it, given: [{a: 1}], gives: [{a: 2}]}]")
    result = run(
        "- {name: inside, given: [{a: 1}], gives: [{a: 2}]}",
        "--cases",
        tmp_path / "more.yaml",
        "--only",
        "beside",
    )
    assert result.stdout.splitlines()[0] == "FAILED  beside it (more.yaml:1)"
    assert result.stdout.splitlines()[-1] == "0 of 1 passed."


def test_a_file_beside_the_configuration_is_found(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "c.tests.yaml").write_text("tests: [{name: beside, given: [{a: 1}], gives: [{a: 1}]}]")
    result = run("- {name: inside, given: [{a: 1}], gives: [{a: 1}]}")
    assert result.stdout.splitlines() == ["ok      inside", "ok      beside", "2 of 2 passed."]


def test_processors_of_its_own_stand_in_place_of_the_configurations(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    test = (
        "{name: NAME, processors: [{type: fields, set: {a: 1}}], given: [{level: debug}], "
        "gives: [{level: debug, a: 1}]}"
    )
    (tmp_path / "more.yaml").write_text("tests: [" + test.replace("NAME", "outside") + "]")
    result = run("- " + test.replace("NAME", "inside"), "--cases", tmp_path / "more.yaml")
    assert result.stdout.splitlines()[-1] == "2 of 2 passed."


@pytest.mark.parametrize("now", [0.0, 4e9])
def test_the_machines_clock_has_no_say(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, now: float
) -> None:
    """A window ends in the test's own time: its summary is whole, not one that the end of the daemon has cut short."""
    monkeypatch.setattr(time, "time", lambda: now)
    summary = (
        '{timestamp: "2026-01-01T00:01:00Z", window_start: "2026-01-01T00:00:00Z", '
        'window_end: "2026-01-01T00:01:00Z", level: a, count: 2}'
    )
    result = run(f"- {{name: a, at: counts, given: [{{level: a}}, {{level: a}}], gives: [{summary}]}}")
    assert result.stdout.splitlines() == ["ok      a", "1 of 1 passed."]


@pytest.mark.parametrize(
    ("tests", "cases", "why"),
    [
        (
            "- {name: a, at: nowhere, given: [{}], gives: []}",
            None,
            "c.yaml: line 13: tests.0.at: there is no destination 'nowhere' (known are counts, errors)",
        ),
        (
            "",
            "tests:\n- name: a\n  at: error\n  given: [{}]\n  gives: []",
            "more.yaml: line 3: tests.0.at: there is no destination 'error' (did you mean errors?)",
        ),
        (
            "- {name: a, at: errors, processors: [{type: limit}], given: [{}], gives: []}",
            None,
            "line 13: tests.0: has both at and processors",
        ),
        ("- {name: a, given: [{a: &a [*a]}], gives: []}", None, "what JSON cannot say"),
        ("", 'tests:\n- {name: a, given: [{a: "\\ud800"}], gives: []}', "what JSON cannot say"),
        ("", "tests:\n- {name: a, name: b, given: [{}], gives: []}", "line 2: tests.0.name: stands twice"),
        ("", "tests:\n- {name: a, processors: [{type: filtr}], given: [{}], gives: []}", "filter"),
        ("- {name: a, given: [], gives: []}", None, "line 13: tests.0.given"),
        ("", "tests:\n- {name: a, given: [{}], give: []}", "line 2: tests.0.gives: is missing"),
        ("", "tests: []", "there are no tests"),
        ("", "", "is empty"),
    ],
)
def test_mistakes_are_told(
    run: Callable[..., Result], tmp_path: Path, tests: str, cases: str | None, why: str
) -> None:
    (tmp_path / "more.yaml").write_text(cases or "")
    result = run(tests or "[]", *(() if cases is None else ("--cases", tmp_path / "more.yaml")))
    assert result.exit_code == Exit.CONFIG
    assert why in result.stderr
