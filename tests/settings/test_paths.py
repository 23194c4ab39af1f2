"""Where the daemon keeps what the commands look for."""

from collections.abc import Callable
from pathlib import Path

from penstock.settings import Settings
from penstock.settings.paths import admin_socket, dead_letters, positions

TEXT = "sources: {a: {type: stdin}}\ndestinations: {b: {type: console}}\njournal: {path: /j}\n"


def test_all_is_in_the_journals_folder(read: Callable[..., Settings]) -> None:
    settings = read(TEXT)
    assert dead_letters(settings, "b") == Path("/j/dead_letters/b")
    assert positions(settings) == Path("/j/positions")
    assert admin_socket(settings) == Path("/j/admin.sock")


def test_the_socket_may_be_elsewhere(read: Callable[..., Settings]) -> None:
    assert admin_socket(read(TEXT + "admin: {socket: /run/p.sock}\n")) == Path("/run/p.sock")


def test_a_journal_in_memory_writes_nothing_where_nobody_named_a_folder(
    read: Callable[..., Settings],
) -> None:
    settings = read(TEXT.replace("path: /j", "type: memory"))
    assert dead_letters(settings, "b") is None
    assert positions(settings) is None
    assert admin_socket(settings) is None


def test_a_journal_in_memory_keeps_dead_letters_in_the_folder_that_is_named(
    read: Callable[..., Settings],
) -> None:
    settings = read(TEXT.replace("path: /j", "type: memory, path: /j"))
    assert dead_letters(settings, "b") == Path("/j/dead_letters/b")
    assert admin_socket(settings) is None
