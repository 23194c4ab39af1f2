"""`penstock test`: the tests of a configuration."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from xml.etree import ElementTree as ET

import msgspec
import typer
from pydantic import ValidationError

from penstock.cli.common import ConfigOption, config_path
from penstock.cli.exits import Exit
from penstock.cli.output import error, say
from penstock.document import read
from penstock.errors import ConfigError, Problem
from penstock.fields import Model
from penstock.log import quiet
from penstock.problems import findings
from penstock.rehearsal import Rehearsal, events_of
from penstock.settings import Settings, load
from penstock.settings.cases import Case


class _Cases(Model):
    tests: Sequence[Case]


def run_cases(
    config: ConfigOption = None,
    *,
    cases: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Further tests: a file with `tests:`, may be given more than once.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[str, typer.Option("--only", metavar="TEXT", help="Tests whose name holds this.")] = "",
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the results for a CI there.", show_default=False),
    ] = None,
) -> int:
    """Run the tests of a configuration: events in, events out of its processors. Nothing is opened or sent.

    They stand under `tests` in the configuration, or in files of their own. The exit code is 1 where one fails.

    \b
    Examples:
      penstock test
      penstock test --cases tests/*.yaml --junit results.xml
    """  # noqa: D301 - \b is for the help
    path = config_path(config)
    settings = load(path, os.environ)
    found = [*settings.tests, *(case for file in cases or () for case in _read(file))]
    chosen = [case for case in found if only in case.name]
    _check(path, settings, chosen)
    if not chosen:
        error("there are no tests" + (f" whose name holds {only!r}" if only else ": put some under tests:"))
        return Exit.CONFIG
    with quiet():
        results = [(case, list(differences(settings, case))) for case in chosen]
    for case, wrong in results:
        say(f"{'FAILED' if wrong else 'ok':<7} {case.name}")
        for line in wrong:
            say(f"        {line}")
    failed = sum(1 for _, wrong in results if wrong)
    say(f"{len(results) - failed} of {len(results)} passed.")
    if junit is not None:
        junit.write_bytes(_junit(results))
    return Exit.FAILURE if failed else Exit.OK


def differences(settings: Settings, case: Case) -> Iterator[str]:
    """What came out otherwise than the case says."""
    rehearsal = Rehearsal(settings)  # each begins with processors that have seen nothing
    lines = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in case.given]
    block = rehearsal.block("".join(f"{line}\n" for line in lines).encode())
    came, kept = rehearsal.written(block) if block is not None else ([], [])
    if case.at:
        came, more = rehearsal.at(case.at, came)
        kept += more
    got = events_of(came)
    for number, (wanted, event) in enumerate(zip(case.gives, got, strict=False), 1):
        for line in _compared("", wanted, event, partly=case.partly):
            yield f"event {number}: {line}"
    for event in case.gives[len(got) :]:
        yield f"did not come: {_shown(event)}"
    for event in got[len(case.gives) :]:
        yield f"came as well: {_shown(event)}"
    if len(got) != len(case.gives):
        yield from (f"became a dead letter: {one.reason}" for one in kept)
        yield from rehearsal.complaints


def _compared(path: str, wanted: Any, got: Any, *, partly: bool) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name, value in wanted.items():
            below = f"{path}.{name}" if path else str(name)
            if name not in got:
                yield f"{below} is missing, wanted {_shown(value)}"
            else:
                yield from _compared(below, value, got[name], partly=partly)
        for name in got if not partly else ():
            if name not in wanted:
                yield f"{f'{path}.{name}' if path else name} is there, {_shown(got[name])}"
    elif _shown(wanted) != _shown(got) and not (_number(wanted) and _number(got) and wanted == got):
        yield f"{path or 'it'} is {_shown(got)}, wanted {_shown(wanted)}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _read(file: Path) -> Sequence[Case]:
    document = read(file, "begin with tests:")
    try:
        return _Cases.model_validate(document.data).tests
    except ValidationError as exc:
        problems = [
            Problem(".".join(map(str, item.path)), item.what, item.remedy, document.line(item.path))
            for item in findings(_Cases, exc, document.data)
        ]
        raise ConfigError(str(file), problems) from None


def _check(path: Path, settings: Settings, cases: Sequence[Case]) -> None:
    known = ", ".join(settings.destinations)
    problems = [
        Problem(f"test {case.name!r}", f"there is no destination {case.at!r}", f"there are {known}")
        for case in cases
        if case.at and case.at not in settings.destinations
    ]
    if problems:
        raise ConfigError(str(path), problems)


def _junit(results: Sequence[tuple[Case, Sequence[str]]]) -> bytes:
    failed = sum(1 for _, wrong in results if wrong)
    suite = ET.Element(
        "testsuite", name="penstock test", tests=str(len(results)), failures=str(failed), errors="0"
    )
    for case, wrong in results:
        one = ET.SubElement(suite, "testcase", classname=case.at or "journal", name=case.name)
        if wrong:
            ET.SubElement(one, "failure", message=wrong[0]).text = "\n".join(wrong)
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True)) + b"\n"
