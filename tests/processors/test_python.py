from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from penstock.errors import PluginError
from penstock.processors.python import PythonSettings
from penstock.testing.processing import block_of, chain_of, context, decoded

RULES = """
def work(event):
    event["seen"] = True
    match event["do"]:
        case "keep": return event
        case "drop": return None
        case "two": return [event, {"do": "second"}]
        case "raise": raise KeyError("oops")
        case "text": return "no event"
        case "odd": return {"x": object()}
        case "loop": event["me"] = event; return event

async def later(event): ...
def many(event): yield event
def none(): return None
def two(event, other): return event
number = 5
"""
BROKEN = {
    "syntax": "import json\ndef work(event)\n    return event\n",
    "raises": "import json\nx = 1 / 0\n",
    "imports": "import nowhere\n",
    "opens": "open('/nowhere')\n",
}
ALL = ["keep", "drop", "raise", "two", "text", "odd", "loop", "keep"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"rules": RULES, **BROKEN}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def python(**settings: Any) -> PythonSettings:
    return PythonSettings.model_validate(
        {"type": "python", "function": "work", "file": "rules.py", **settings}
    )


@pytest.mark.parametrize(
    ("on_error", "left", "refused"),
    [
        ("keep", ["keep+", "raise", "two+", "second", "text", "odd", "loop", "keep+"], []),
        ("drop", ["keep+", "two+", "second", "keep+"], []),
        ("dead_letter", ["keep+", "two+", "second", "keep+"], [2, 4, 5, 6]),
    ],
)
def test_does_what_the_function_says_and_survives_it(
    folder: Path, on_error: str, left: list[str], refused: list[int]
) -> None:
    chain = chain_of(python(on_error=on_error).build(context(folder=folder)))
    with capture_logs() as logs:
        (events,) = chain.process(block_of([{"do": what} for what in ALL]))
    assert [event["do"] + ("+" if "seen" in event else "") for event in decoded([events])] == left
    assert sorted(events.refused) == refused
    (stats,) = chain.stats
    assert stats.errors == 4
    assert stats.last_error == "KeyError: 'oops'"
    assert [entry["event"] for entry in logs] == ["a function of yours raised", "processor"]


def test_a_slow_call_is_told(folder: Path) -> None:
    chain = chain_of(python(slow=1e-9).build(context(folder=folder)))
    assert len(decoded(chain.process(block_of([{"do": "keep"}])))) == 1
    assert "everything waited" in chain.stats[0].last_error


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"function": "later"}, "must be a plain function"),
        ({"function": "many"}, "must be a plain function"),
        ({"function": "number"}, "is no function"),
        ({"function": "nothing"}, "has no 'nothing'"),
        ({"function": "nubmer"}, "has no 'nubmer': did you mean number\\?"),
        ({"function": "none"}, "must take one argument"),
        ({"function": "two"}, "must take one argument"),
        ({"function": "rules:work"}, "the function's name alone, work"),
        ({"file": "none.py"}, "none.py cannot be loaded: No such file or directory$"),
        ({"file": "syntax.py"}, r"cannot be loaded: expected ':' \(line 2\)$"),
        ({"file": "raises.py"}, r"cannot be loaded: ZeroDivisionError: division by zero \(line 2\)$"),
        ({"file": "imports.py"}, r"cannot be loaded: ModuleNotFoundError: .*'nowhere' \(line 1\)$"),
        ({"file": "opens.py"}, r"FileNotFoundError: .*'/nowhere' \(line 1\)$"),
        ({"file": "rules.txt"}, "is no Python file"),
        (
            {"file": None, "function": "work"},
            "is not a dotted path: write package.module:work, or name the `file`",
        ),
        ({"file": None, "function": "json:nothing"}, "cannot be loaded"),
    ],
)
def test_what_cannot_be_loaded_says_so(folder: Path, settings: dict[str, Any], why: str) -> None:
    with pytest.raises(PluginError, match=why):
        python(**settings).build(context(folder=folder))
