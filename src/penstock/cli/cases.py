"""`penstock test`: the tests of a configuration."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from pydantic import ValidationError, create_model

from penstock.cli.common import ConfigOption, config_path
from penstock.cli.compared import differences
from penstock.cli.exits import Exit
from penstock.cli.junit import Result, junit
from penstock.cli.output import error, say
from penstock.document import Document, read
from penstock.errors import ConfigError, Problem
from penstock.fields import Model
from penstock.log import quiet
from penstock.problems import did_you_mean, findings
from penstock.rehearsal import Rehearsal, events_of
from penstock.settings import Settings, load
from penstock.settings.cases import Case
from penstock.settings.model import composed


@dataclass(frozen=True, slots=True)
class _Found:
    """A test, and where it is."""

    case: Case
    file: str
    line: int | None


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
    junit_file: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write the results for a CI there.", show_default=False),
    ] = None,
) -> int:
    """Run the tests of a configuration: events in, events out of its processors. Nothing is opened or sent.

    They stand under `tests` in the configuration, in a file beside it (penstock.tests.yaml for penstock.yaml), or in
    files that --cases names. The exit code is 1 where one fails.

    \b
    Examples:
      penstock test
      penstock test --cases pipelines.yaml --junit results.xml
    """  # noqa: D301 - \b is for the help
    path = config_path(config)
    settings = load(path, os.environ)
    beside = path.with_suffix(".tests.yaml")
    files = [*([beside] if beside.is_file() else []), *(cases or [])]
    found = [
        *_known(settings, settings.tests, read(path)),
        *(one for file in files for one in _from_file(settings, file)),
    ]
    chosen = [one for one in found if only in one.case.name]
    if not chosen:
        error("there are no tests" + (f" whose name holds {only!r}" if only else ": put some under tests:"))
        return Exit.CONFIG
    with quiet():  # what goes wrong in processors is told below
        results = [_result(settings, one) for one in chosen]
    for result in results:
        _show(result)
    failed = sum(1 for result in results if result.wrong)
    say(f"{len(results) - failed} of {len(results)} passed.")
    if junit_file is not None:
        junit_file.write_bytes(junit(results))
    return Exit.FAILURE if failed else Exit.OK


def _from_file(settings: Settings, file: Path) -> list[_Found]:
    document = read(file, "begin with tests:")
    tests: Any = composed().model_fields["tests"].annotation
    model: Any = create_model("Cases", __base__=Model, tests=(tests, ...))
    try:
        cases = model.model_validate(document.data, context={"environ": os.environ}).tests
    except ValidationError as exc:
        more = [
            Problem(".".join(map(str, item.path)), item.what, item.remedy, document.line(item.path))
            for item in findings(model, exc, document.data)
        ]
        raise ConfigError(str(file), [*document.problems, *more]) from None
    if document.problems:
        raise ConfigError(str(file), document.problems)
    return _known(settings, cases, document)


def _known(settings: Settings, cases: Sequence[Case], document: Document) -> list[_Found]:
    """The tests of a file. Raises `ConfigError` where one is of a destination that there is not."""
    problems = [
        Problem(
            f"tests.{number}.at",
            f"there is no destination {case.at!r}",
            did_you_mean(case.at, settings.destinations),
            document.line(("tests", number, "at")),
        )
        for number, case in enumerate(cases)
        if case.at and case.at not in settings.destinations
    ]
    if problems:
        raise ConfigError(document.source, problems)
    return [
        _Found(case, document.source, document.line(("tests", number))) for number, case in enumerate(cases)
    ]


def _result(settings: Settings, found: _Found) -> Result:
    case = found.case
    group = case.at or ("processors" if case.processors else "journal")
    return Result(group, case.name, found.file, found.line, list(_wrong(settings, case)))


def _wrong(settings: Settings, case: Case) -> Iterator[str]:
    """What came out otherwise than the case says, and what may have been the reason."""
    rehearsal = Rehearsal(settings)  # each begins with processors that have seen nothing
    lines = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in case.given]
    block = rehearsal.block("".join(f"{line}\n" for line in lines).encode())
    came, kept = ([], []) if block is None else rehearsal.written(block, case.processors or None)
    if case.at:
        came, more = rehearsal.at(case.at, came)
        kept += more
    found = list(differences(case.gives, events_of(came), partly=case.partly))
    yield from found
    if found:
        yield from (f"became a dead letter: {one.reason}" for one in kept)
        yield from rehearsal.complaints


def _show(result: Result) -> None:
    where = f" ({Path(result.file).name}:{result.line})" if result.line and result.wrong else ""
    head = _painted("FAILED ", "red") if result.wrong else _painted("ok     ", "green")
    say(f"{head} {result.name}{where}")
    for line in result.wrong:
        say(f"        {line}")


def _painted(text: str, colour: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):  # https://no-color.org
        return text
    return typer.style(text, fg=colour)
