"""A configuration over a few kinds of our own, so that messages can be told to the letter."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from penstock.destinations.base import Destination, DestinationSettings
from penstock.errors import ConfigError
from penstock.fields import Address, Model, Secret
from penstock.settings import Settings, compose, load, variables
from penstock.sources.base import Source, SourceContext, SourceSettings

Problems = Callable[..., list[str]]
Load = Callable[..., Settings]


class _Listening(SourceSettings):
    def build(self, context: SourceContext) -> Source:
        raise NotImplementedError


class Tcp(_Listening):
    """Lines over TCP."""

    type: Literal["tcp"]
    listen: Address
    """Where to listen. More."""


class Udp(_Listening):
    type: Literal["udp"]
    listen: Address


class Unix(_Listening):
    type: Literal["unix"]
    path: Path


class Stdin(_Listening):
    type: Literal["stdin"]


class Basic(Model):
    user: str
    password: Secret


class Bearer(Model):
    token: Secret


class Hook(DestinationSettings):
    """Posts."""

    type: Literal["webhook"]
    url: str
    """Where to post to."""
    auth: Basic | Bearer | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()

    def build(self, name: str) -> Destination:
        raise NotImplementedError


class Console(DestinationSettings):
    type: Literal["console"]
    style: Literal["pretty", "ndjson"] = "ndjson"

    def build(self, name: str) -> Destination:
        raise NotImplementedError


@pytest.fixture(scope="session")
def model() -> type[Settings]:
    return compose(
        {"stdin": Stdin, "tcp": Tcp, "udp": Udp, "unix": Unix},
        {"console": Console, "webhook": Hook},
    )


@pytest.fixture
def secrets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in place of /run/secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setattr(variables, "SECRETS", folder)
    return folder


@pytest.fixture
def read(tmp_path: Path, model: type[Settings], secrets_folder: Path) -> Load:
    def read(text: str, environ: Mapping[str, str] | None = None, **more: object) -> Settings:
        path = tmp_path / "penstock.yaml"
        path.write_text(text)
        return load(path, environ or {}, model=model, **more)  # type: ignore[arg-type] # `replace` as it is given

    return read


@pytest.fixture
def problems(read: Load) -> Problems:
    """The problems, as people see them."""

    def problems(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(text, environ)
        return [str(problem) for problem in caught.value.problems]

    return problems
