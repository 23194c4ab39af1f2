"""What several commands share: the option --config, and where a configuration is looked for without it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from penstock.errors import ConfigError, Problem
from penstock.settings import Settings, load

LOCAL: Final = Path("penstock.yaml")
SYSTEM: Final = Path("/etc/penstock/penstock.yaml")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="PATH",
        help="The configuration. Without it: $PENSTOCK_CONFIG, then ./penstock.yaml, then /etc/penstock/penstock.yaml.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON, one object a line.")]


def find_config(given: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration to use; none where there is none anywhere."""
    if given is not None:
        return given
    if named := environ.get("PENSTOCK_CONFIG"):
        return Path(named)
    return next((path for path in (LOCAL, SYSTEM) if path.exists()), None)


def load_config(given: Path | None) -> Settings:
    """The settings. Raises `ConfigError`."""
    return load(config_path(given), os.environ)


def config_path(given: Path | None) -> Path:
    """The same as `find_config`, for commands that cannot do without. Raises `ConfigError`."""
    path = find_config(given)
    if path is None:
        places = f"none at {LOCAL} nor at {SYSTEM}"
        raise ConfigError("configuration", [Problem("", places, "name one with --config")])
    return path
