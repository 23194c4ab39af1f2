"""What is read from where, and how everything that is wrong with it is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import ConfigError
from penstock.settings import Settings, load

Problems = Callable[..., list[str]]
Load = Callable[..., Settings]

GOOD = """\
sources:
  app: {type: tcp, listen: "127.0.0.1:5170"}
destinations:
  hook: {type: webhook, url: "http://x"}
"""


def with_hook(text: str) -> str:
    return GOOD.replace('{type: webhook, url: "http://x"}', text)


SOURCES = 'add one, such as  sources: {app: {type: tcp, listen: "127.0.0.1:5170"}}'
DESTINATIONS = "add one, such as  destinations: {out: {type: console}}"

BROKEN = {
    "unknown key, close": (
        with_hook("{type: webhook, url: x, retyr: {}}"),
        ["line 4: destinations.hook.retyr: is not known here (did you mean retry?)"],
    ),
    "unknown key, far": (
        GOOD + "log: {zzz: 1}\n",
        ["line 5: log.zzz: is not known here (known are format, level)"],
    ),
    "unknown key at the top": (
        GOOD + "adminn: {}\n",
        ["line 5: adminn: is not known here (did you mean admin?)"],
    ),
    "unknown key deep inside": (
        with_hook("\n    type: webhook\n    url: x\n    batch:\n      evnets: 3"),
        ["line 8: destinations.hook.batch.evnets: is not known here (did you mean events?)"],
    ),
    "unknown kind, close": (
        with_hook("{type: webhok, url: x}"),
        ["line 4: destinations.hook.type: there is no kind 'webhok' (did you mean webhook?)"],
    ),
    "unknown kind, far": (
        with_hook("{type: kafka}"),
        ["line 4: destinations.hook.type: there is no kind 'kafka' (kinds are console, webhook)"],
    ),
    "no kind": (
        with_hook("{url: x}"),
        ["line 4: destinations.hook.type: is missing (kinds are console, webhook)"],
    ),
    "missing field": (
        with_hook("{type: webhook}"),
        ["line 4: destinations.hook.url: is missing (add it: Where to post to)"],
    ),
    "no value": (
        with_hook("{type: webhook, url: }"),
        ["line 4: destinations.hook.url: has no value (write one, or leave the key out)"],
    ),
    "text for a number": (
        with_hook("{type: webhook, url: x, batch: {events: many}}"),
        ["line 4: destinations.hook.batch.events: must be a whole number, not text"],
    ),
    "number for text": (
        with_hook("{type: webhook, url: 3}"),
        ["line 4: destinations.hook.url: must be text, not a number"],
    ),
    "number for a group": (
        with_hook("{type: webhook, url: x, queue: 3}"),
        ["line 4: destinations.hook.queue: must be a group of keys, not a number"],
    ),
    "text for a list": (
        with_hook("{type: webhook, url: x, tags: a}"),
        ["line 4: destinations.hook.tags: must be a list, not text"],
    ),
    "a date for text": (
        with_hook("{type: webhook, url: 2026-01-01}"),
        ["line 4: destinations.hook.url: must be text, not a date"],
    ),
    "wrong item of a list": (
        with_hook("\n    type: webhook\n    url: x\n    tags:\n      - a\n      - {}"),
        ["line 9: destinations.hook.tags.1: must be text, not a group of keys"],
    ),
    "out of range": (
        with_hook("{type: webhook, url: x, max_in_flight: 0}"),
        ["line 4: destinations.hook.max_in_flight: must be greater than or equal to 1"],
    ),
    "no such option": (
        with_hook("{type: webhook, url: x, queue: {when_full: dropoldest}}"),
        [
            ("line 4: destinations.hook.queue.when_full: must be 'drop_oldest' or 'block'"
            " (did you mean drop_oldest?)")
        ],
    ),
    "no size": (
        with_hook("{type: webhook, url: x, batch: {bytes: 5 parsecs}}"),
        [
            ("line 4: destinations.hook.batch.bytes: is not a size: write a number with a unit,"
            " such as 64KiB, 5MB or 1GiB")
        ],
    ),
    "no address": (
        GOOD.replace('"127.0.0.1:5170"', "5170"),
        [
            'line 2: sources.app.listen: is not an address: write "127.0.0.1:5170" or "[::1]:5170", in quotes'
        ],
    ),
    "no name": (
        GOOD.replace("app:", "My App:"),
        ["line 2: sources.My App: is not a name (use a to z, 0 to 9, - and _, at most 64 of them)"],
    ),
    "a name that is not text": (
        GOOD.replace("hook:", "off:"),
        ["line 4: destinations.off: is a key that YAML does not take for text (put it in quotes)"],
    ),
    "one of several shapes, the closest told": (
        with_hook("{type: webhook, url: x, auth: {user: me, pasword: hunter2}}"),
        [
            "line 4: destinations.hook.auth.password: is missing (add it)",
            "line 4: destinations.hook.auth.pasword: is not known here (did you mean password?)",
        ],
    ),
    "a secret that names no place": (
        with_hook("{type: webhook, url: x, auth: {token: {fiel: hunter2}}}"),
        [
            ("line 4: destinations.hook.auth.token: names no place: write the secret as text,"
            " as {env: NAME} or as {file: PATH}")
        ],
    ),
    "nothing in it": ("sources: {}\ndestinations: {}\n", [f"line 1: sources: is empty ({SOURCES})", f"line 2: destinations: is empty ({DESTINATIONS})"]),
    "parts that are missing": ("log: {level: info}\n", [f"sources: is missing ({SOURCES})", f"destinations: is missing ({DESTINATIONS})"]),
    "a key twice": (
        GOOD + "drain_timeout: 1s\ndrain_timeout: 2s\n",
        ["line 6: drain_timeout: stands twice, first on line 5"],
    ),
    "all of it at once, in the order of the configuration": (
        "sources:\n  a: {type: tpc}\ndestinations:\n  b: {type: console, styel: x}\nlog: {level: loud}\n",
        [
            "line 2: sources.a.type: there is no kind 'tpc' (did you mean tcp?)",
            "line 4: destinations.b.styel: is not known here (did you mean style?)",
            "line 5: log.level: must be 'debug', 'info', 'warning' or 'error'",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_every_problem_has_its_path_line_and_remedy(case: str, problems: Problems) -> None:
    text, expected = BROKEN[case]
    assert problems(text) == expected


def test_secrets_are_never_shown(problems: Problems) -> None:
    for auth in (
        "{token: [hunter2]}",
        "{token: {hunter2: x}}",
        "{user: {a: hunter2}, password: hunter2}",
        "hunter2",
    ):
        assert "hunter2" not in "\n".join(problems(with_hook(f"{{type: webhook, url: x, auth: {auth}}}")))


def test_names_the_file(tmp_path: Path, model: type[Settings]) -> None:
    with pytest.raises(
        ConfigError, match=r"nowhere\.yaml: cannot be read: No such file or directory"
    ) as caught:
        load(tmp_path / "nowhere.yaml", {}, model=model)
    assert caught.value.source.endswith("nowhere.yaml")


def test_the_environment_wins_over_the_file(read: Load) -> None:
    settings = read(
        GOOD, {"PENSTOCK__DESTINATIONS__HOOK__BATCH__EVENTS": "7", "PENSTOCK__DRAIN_TIMEOUT": "3s"}
    )
    assert settings.destinations["hook"].batch.events == 7
    assert settings.drain_timeout == 3.0


def test_the_environment_can_be_all_there_is(model: type[Settings], secrets_folder: Path) -> None:
    environ = {
        "PENSTOCK__SOURCES__APP__TYPE": "tcp",
        "PENSTOCK__SOURCES__APP__LISTEN": "127.0.0.1:0",
        "PENSTOCK__DESTINATIONS": '{"out": {"type": "console"}}',
        "PENSTOCK__ADMIN__LISTEN": "127.0.0.1:9999",
    }
    settings = load(None, environ, model=model)
    assert settings.destinations["out"].type == "console"
    assert settings.admin.listen.port == 9999


def test_files_of_secrets_win_over_the_environment(read: Load, tmp_path: Path, secrets_folder: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (secrets_folder / "penstock__admin__token").write_text("from run\n")
    (secrets_folder / "PENSTOCK__DESTINATIONS__HOOK__AUTH__TOKEN").write_text("from run\n")
    (secrets_folder / "other").write_bytes(b"\xff not ours")
    (credentials / "penstock__admin__token").write_text("from systemd\n")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "PENSTOCK__ADMIN__TOKEN": "from environment"}
    settings = read(GOOD, environ)
    assert settings.admin.token is not None
    assert settings.admin.token.get_secret_value() == "from systemd"
    assert "from run" not in repr(settings)
    auth = settings.model_dump()["destinations"]["hook"]["auth"]
    assert auth["token"].get_secret_value() == "from run"


def test_secrets_come_from_the_environment_that_was_given(read: Load, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("two\n")
    text = with_hook("{type: webhook, url: x, auth: {token: {env: TOKEN}}}")
    text += f"admin: {{token: {{file: '{file}'}}}}\n"
    settings = read(text, {"TOKEN": "one"})
    assert settings.model_dump()["destinations"]["hook"]["auth"]["token"].get_secret_value() == "one"
    assert settings.admin.token is not None
    assert settings.admin.token.get_secret_value() == "two"


def test_a_secret_that_is_not_there_says_so(problems: Problems, tmp_path: Path) -> None:
    text = with_hook("{type: webhook, url: x, auth: {token: {env: TOKEN}}}")
    assert problems(text + f"admin: {{token: {{file: '{tmp_path}/none'}}}}\n") == [
        "line 4: destinations.hook.auth.token: is to come from the environment variable TOKEN, which is not set",
        (
            f"line 5: admin.token: is to come from the file {tmp_path}/none, which cannot be read:"
            " No such file or directory"
        ),
    ]


def test_a_problem_from_outside_names_the_variable_instead_of_a_line(problems: Problems) -> None:
    assert problems(
        GOOD, {"PENSTOCK__DESTINATIONS__HOOK__BATCH__EVENTS": "0", "penstock__jurnal__path": "/x"}
    ) == [
        (
            "jurnal.path: is not known: it comes from the environment variable penstock__jurnal__path"
            " (did you mean journal?)"
        ),
        (
            "destinations.hook.batch.events: must be greater than or equal to 1"
            " (it comes from the environment variable PENSTOCK__DESTINATIONS__HOOK__BATCH__EVENTS)"
        ),
    ]


def test_parts_can_stand_in_place_of_the_files(read: Load) -> None:
    settings = read(GOOD, replace={"sources": {"in": {"type": "stdin"}}})
    assert list(settings.sources) == ["in"]
    assert list(settings.destinations) == ["hook"]
