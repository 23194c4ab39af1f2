"""`penstock schema` and `penstock version`."""

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from penstock import __version__
from penstock.cli.common import JsonOption
from penstock.cli.output import say, say_json
from penstock.settings import schema as settings_schema

LIBRARIES: Final = (
    "aiohttp", "uvloop", "msgspec", "orjson", "pydantic", "pydantic-settings", "structlog", "prometheus-client",
    "tenacity", "isal", "PyYAML", "typer", "rich",
)  # fmt: skip


def schema() -> None:
    """Print the JSON Schema of the configuration, with which editors complete and check it.

    \b
    Examples:
      penstock schema > penstock.schema.json
      # then, as the first line of penstock.yaml:
      # yaml-language-server: $schema=penstock.schema.json
    """  # noqa: D301 - \b is for the help
    say(json.dumps(settings_schema(), indent=2, ensure_ascii=False))


def show_version(as_json: JsonOption = False) -> None:
    """Print the versions of Penstock, of Python and of the libraries: what a bug report needs.

    \b
    Examples:
      penstock version
      penstock version --json
    """  # noqa: D301 - \b is for the help
    facts = {
        "penstock": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        **{name: _version(name) for name in LIBRARIES},
    }
    if as_json:
        say_json(facts)
        return
    for name, value in facts.items():
        say(f"{name:<18} {value}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
