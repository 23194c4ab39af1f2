"""Writes what is generated: the JSON Schema and the reference pages. `make docs` runs it; a test keeps them fresh."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer.main
import yaml

import penstock.processors
from penstock import plugins
from penstock.cli.exits import Exit
from penstock.cli.output import tell
from penstock.cli.sandbox_page import sandbox_page
from penstock.cli.schema_tables import MADE, Schema, cell, resolved, rows, table
from penstock.delivery.settings import DeliverySettings
from penstock.processors.base import ProcessorSettings
from penstock.processors.shown import Shown
from penstock.sandbox.settings import composed as sandbox_settings
from penstock.settings import Settings, schema
from penstock.sources.base import LineSettings


def generated() -> dict[str, str]:
    """Every generated file, by its path in the repository."""
    whole = schema()
    played = schema(sandbox_settings(), "The configuration of penstock sandbox")
    return {
        "config/penstock.schema.json": json.dumps(whole, indent=2, ensure_ascii=False) + "\n",
        "config/sandbox.schema.json": json.dumps(played, indent=2, ensure_ascii=False) + "\n",
        "docs/reference/sandbox.md": sandbox_page(played),
        "docs/reference/configuration.md": configuration_page(whole),
        "docs/reference/sources.md": kinds_page(whole, "sources", set(LineSettings.model_fields), _SOURCES),
        "docs/reference/destinations.md": kinds_page(
            whole, "destinations", set(DeliverySettings.model_fields), _DESTINATIONS
        ),
        "docs/reference/processors.md": processors_page(),
        "docs/reference/command-line.md": command_page(),
    }


def configuration_page(whole: Schema) -> str:
    """The top level, the journal, the admin listener and the log."""
    pages = ("sources", "processors", "destinations")
    lines = [MADE, "", *_INTRODUCTION.strip().splitlines(), "", "## All keys", ""]
    own = [name for name in Settings.model_fields if name not in pages]
    lines += [
        f"- `{name}`: {whole['properties'][name]['description']} See [{name}]({name}.md)." for name in pages
    ]
    lines += ["", *table(rows(whole, {"properties": {name: whole["properties"][name] for name in own}}))]
    return "\n".join(lines) + "\n"


def kinds_page(whole: Schema, part: str, shared: set[str], introduction: str) -> str:
    """Every kind of source or destination, then what all of them have."""
    (named,) = whole["properties"][part]["patternProperties"].values()
    kinds = [resolved(whole, member) for member in named["oneOf"]]
    lines = [MADE, "", *introduction.strip().splitlines(), ""]
    for kind in kinds:
        properties = {key: value for key, value in kind["properties"].items() if key not in {"type", *shared}}
        lines += [f"## {kind['properties']['type']['const']}", "", kind.get("description", ""), ""]
        if properties:
            lines += [*table(rows(whole, {**kind, "properties": properties})), ""]
    common = {key: value for key, value in kinds[0]["properties"].items() if key in shared}
    lines += [f"## What all {part} have", "", *table(rows(whole, {"properties": common}))]
    return "\n".join(lines) + "\n"


def processors_page() -> str:
    """Every kind of processor with its examples, which are tests as well."""
    kinds = plugins.kinds(penstock.processors, ProcessorSettings, "penstock.processors")  # type: ignore[type-abstract] # it is only compared with
    lines = [MADE, "", *_PROCESSORS.strip().splitlines(), ""]
    for name, kind in kinds.items():
        group = schema(kind, name)
        properties = {key: value for key, value in group["properties"].items() if key != "type"}
        lines += [f"## {name}", "", inspect.getdoc(kind) or "", ""]
        if properties:
            lines += [*table(rows(group, {**group, "properties": properties})), ""]
        for shown in kind.shown:
            lines += _example(name, shown)
    return "\n".join(lines).rstrip() + "\n"


def _example(name: str, shown: Shown) -> Iterator[str]:
    settings = yaml.safe_dump(
        {"type": name, **shown.settings},
        sort_keys=False,
        default_flow_style=None,
        allow_unicode=True,
        width=100,
    )
    if shown.note:
        yield from (shown.note, "")
    yield from ("```yaml", *("- " + settings.replace("\n", "\n  ").strip()).splitlines(), "```", "")
    yield from ("| in | out |", "|---|---|")
    given, gives = (
        ["`" + json.dumps(event, ensure_ascii=False).replace("|", "\\|") + "`" for event in events]
        for events in (shown.given, shown.gives)
    )
    yield f"| {'<br>'.join(given)} | {'<br>'.join(gives) or 'nothing'} |"
    yield ""


def command_page() -> str:
    """Every command with its arguments, options and examples, and the exit codes."""
    lines = [MADE, "", "# Command line", ""]
    lines += [
        "`penstock COMMAND --help` shows the same. Results go to standard output, all else to standard error.",
        "",
    ]
    for path, command in _commands():
        lines += [f"## {path}", "", *_prose(command.help or ""), ""]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["| argument or option | default | what |", "|---|---|---|", *rows, ""]
    lines += [
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        *[f"| {code.value} | {code.meaning} |" for code in Exit],
    ]
    return "\n".join(lines) + "\n"


def _commands() -> Iterator[tuple[str, Any]]:
    from penstock.cli.main import app  # noqa: PLC0415 - it imports the commands, this module among them one day

    for name, command in typer.main.get_group(app).commands.items():
        below = getattr(command, "commands", None)
        if below is None:
            yield f"penstock {name}", command
        else:
            for inner, leaf in below.items():
                yield f"penstock {name} {inner}", leaf


def _prose(help_text: str) -> list[str]:
    text, _, examples = help_text.partition("\b\n")
    lines = text.strip().splitlines()
    if not examples:
        return lines
    code = [line.removeprefix("  ") for line in examples.strip("\n").splitlines()[1:]]
    return [*lines, "", "```sh", *code, "```"]


def _parameter(parameter: Any) -> str:
    options = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        options = f"`{parameter.metavar}`"
    default = "" if parameter.default in (None, "", False) or parameter.required else f"`{parameter.default}`"
    return f"| {options} | {default} | {cell(parameter.help or '')} |"


_INTRODUCTION: Final = """
# Configuration

One YAML file. [`config/penstock.yaml`](../../config/penstock.yaml) shows it with comments, `penstock check` tells all
that is wrong with one, and `penstock schema` prints the JSON Schema by which editors complete it.

Three places are read, and the later wins:

1. the file: `--config`, else `$PENSTOCK_CONFIG`, else `./penstock.yaml`, else `/etc/penstock/penstock.yaml`;
2. the environment: `PENSTOCK__DESTINATIONS__SEARCH__URL` is `destinations.search.url`. Lists and groups are written as
   JSON;
3. files of that name, in lower case too, in `/run/secrets` and in `$CREDENTIALS_DIRECTORY` (systemd's
   `LoadCredential=`): `penstock__destinations__search__auth__bearer`.

How values are written:

| value | examples |
|---|---|
| size | `4096` (bytes), `64KiB`, `1GiB` (powers of two), `5MB` (powers of ten) |
| time | `100ms`, `1s`, `10m`, `24h`, `7d`; a bare number is seconds |
| address | `"127.0.0.1:5170"`, `"[::1]:5170"`; port 0 takes any free one |
| path | `/var/lib/penstock`; a relative one begins where the daemon is started, and that of a processor's `file` at the configuration's folder |
| secret | the text itself, `{env: NAME}` or `{file: PATH}`; it is never shown |
| name of a source or destination | `a` to `z`, `0` to `9`, `-` and `_`, at most 64 |

An unknown key is an error, a key that stands twice too.
"""

_SOURCES: Final = """
# Sources

Where log lines come in. Each has a name of your choice:

```yaml
sources:
  app: {type: tcp, listen: "127.0.0.1:5170"}
```
"""

_PROCESSORS: Final = """
# Processors

What events go through, in order. At the top of the configuration they stand before the journal: for all destinations,
and what they leave out is nowhere, not on the disk either. In a destination they are for it alone, and the journal has
the events as they came.

```yaml
processors:
  - {type: limit, max_length: 8192}
destinations:
  hook:
    type: webhook
    url: "https://example.com/logs"
    processors:
      - {type: limit, max_length: 100, fields: [message]}
```

Each counts what comes in, goes out, is added and left out, what went wrong and the time that it takes:
[`penstock_processor_…`](metrics.md) on `/metrics`, and `processors` in `/api/status`. In a destination every event
stays on its books: what a processor leaves out is `filtered`, what it sends to the dead letters is there as
`unprocessed`, in its original form, and goes through the processors again when it is replayed. A line that is JSON and
cannot be read all the same (a number beyond all bounds, half of a surrogate pair) goes through as an event with the
whole line as its `message`.

Fields inside others are named with dots: `context.request_id`. A field whose own name holds the dots is found too, and
comes first.
"""

_DESTINATIONS: Final = """
# Destinations

Where events go. Each has a name of your choice, and its own queue, batches, retries and dead letters. The queue belongs
to the name: it stays when the settings change.

```yaml
destinations:
  hook: {type: webhook, url: "https://example.com/logs"}
```
"""


def main(root: Path) -> None:
    """Writes the files that have changed."""
    for name, text in generated().items():
        path = root / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            tell(f"wrote {name}")


if __name__ == "__main__":
    main(Path.cwd())
