r"""How stack traces look: by language, which line begins one and which may follow, as states and steps between them.

A step is taken where its pattern is found in the next line; a trace ends with a line that no step takes. A state whose
name ends in `?` is a guess: its lines belong to the trace only if a line follows that makes sure.

Most lines of a block are no trace, so they are not looked at one by one. `stirs` is found at the beginning of a
line that may belong to the one before it, `anywhere` in one that does not show itself so. Of the lines between two
of these, only the first may belong to what was before.

All patterns are for bytes, and none takes more than linear time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["java", "python", "go", "node", "ruby", "dotnet"]

_BLANK: Final = r"^\s*$"
_GOROUTINE: Final = r"^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[[^\]]*\]:\s*$"
_TRACEBACK: Final = r"Traceback \(most recent call last\):\s*$"
_RUBY_PLACE: Final = r"^[ \t]*\S+:\d+:in [`']"


@dataclass(frozen=True, slots=True)
class Language:
    """The traces of one."""

    heads: tuple[tuple[str, str], ...]
    """States, and the pattern of a first line that leads there."""
    steps: Mapping[str, tuple[tuple[str, str], ...]]
    """By state the states that may follow, and by which line; the first that is found counts."""
    stirs: str
    anywhere: tuple[str, ...] = ()
    """Each begins with a letter that is looked for first, so that it costs little."""


JAVA: Final = Language(
    heads=(
        ("java", r"(?:Exception|Error|Throwable)(?:[:\s]|$)"),
        ("java", r"^(?:[a-z_$][\w$]*\.){2,}[A-Z][\w$]*(?:: |\s*$)"),
        ("java", r"^[ \t]+at \S|^Caused by: "),  # of one whose first line was not known as such
    ),
    steps={
        "java": (
            ("java", r"^[ \t]+at \S"),
            ("java", r"^[ \t]*\.\.\. \d+ (?:more|common frames omitted|filtered)"),
            ("java", r"^[ \t]*(?:Caused by|Suppressed|Wrapped by): "),
            ("java", r"^[ \t]*\[CIRCULAR REFERENCE"),
        )
    },
    stirs=r"[ \t]|Caused by: |Suppressed: |Wrapped by: |\.\.\. |\[CIRC",
)
PYTHON: Final = Language(
    heads=(
        ("python group", r"^\s*\+ Exception Group " + _TRACEBACK),
        ("python", r"(?:^|[^ ]|[^p] )" + _TRACEBACK),
    ),
    steps={
        "python": (("python frames", r"^[ \t]"),),
        "python frames": (("python frames", r"^[ \t]"), ("python end", r"^[^\W\d][\w.<>]*(?::|\s*$)")),
        "python end": (("python end", r"^[ \t]+\S"), ("python gap?", _BLANK)),
        "python group": (
            ("python group", r"^[ \t]+(?!\+ Exception Group Traceback)\S"),
            ("python gap?", _BLANK),
        ),
        "python gap?": (
            ("python chain", r"^[ \t|]*(?:During handling of|The above exception was the direct cause of) "),
        ),
        "python chain": (
            ("python chain", r"^[ \t|]*\s*$"),
            ("python group", r"^\s*\+ Exception Group " + _TRACEBACK),
            ("python", r"^[ \t|]*" + _TRACEBACK),
        ),
    },
    stirs=r"[ \t\r\n]|During handling of |The above exception |Traceback \(",
)
GO: Final = Language(
    heads=(
        (
            "go",
            r"(?:^|[\s:])panic(?: serving \S+)?: |^fatal error: |^runtime: goroutine stack exceeds |^SIG[A-Z]+: ",
        ),
        ("go frames", _GOROUTINE),
    ),
    steps={
        "go": (
            ("go", r"^\t|^\[(?:signal |recovered)|^PC=0x|^panic: |^fatal error: |^runtime: "),
            ("go frames", _GOROUTINE),
            ("go frames", r"^runtime stack:\s*$"),
            ("go gap?", _BLANK),
        ),
        "go gap?": (
            ("go frames", _GOROUTINE),
            ("go frames", r"^runtime stack:\s*$"),
            ("go registers", r"^[a-z][a-z0-9]{1,6} +0x[0-9a-f]+\s*$"),
        ),
        "go frames": (
            ("go frames", r"^\t"),
            ("go frames", r"^\.\.\.(?:additional|\d+) frames elided"),
            ("go call?", r"^[^\s(]+\(.*\)\s*$|^created by \S"),
            ("go gap?", _BLANK),
            ("go end", r"^exit status \d+\s*$"),
        ),
        "go call?": (("go frames", r"^\t\S"),),
        "go registers": (
            ("go registers", r"^[a-z][a-z0-9]{1,6} +0x[0-9a-f]+\s*$"),
            ("go end", r"^exit status \d+\s*$"),
        ),
        "go end": (),
    },
    stirs=r"[\t\r\n]|PC=0x|\[signal |\[recovered|panic: |fatal error: |runtime|goroutine |\.\.\.|exit status |[a-z][a-z0-9]{1,6} +0x",
)
NODE: Final = Language(
    heads=(
        ("node source?", r"^(?:\S+\.[cm]?[jt]s|node:\S+|\[\w+\]):\d+\s*$"),
        ("node fields", r"(?:Error|Exception|Rejection)\b.*\{\s*$"),
        ("node", r"(?:Error|Exception|Rejection)(?:[:\s\]]|$)"),
        ("node", r"^[ \t]+at \S"),
    ),
    steps={
        "node source?": (("node caret?", r"\S"),),
        "node caret?": (("node before?", r"^[ \t]*\^+\s*$"),),
        "node before?": (("node before?", _BLANK), ("node fields", r"^\S.*\{\s*$"), ("node", r"^\S")),
        "node": (
            ("node fields", r"^[ \t]+at .*\{\s*$"),
            (
                "node",
                r"^[ \t]+at \S|^[ \t]+\[(?:cause|errors)\]: |^[ \t]+\.\.\. \d+ lines matching|^\(Use `node ",
            ),
            ("node gap?", _BLANK),
        ),
        "node fields": (("node", r"^[}\]]"), ("node fields", r"^[ \t]")),
        "node gap?": (("node end", r"^Node\.js v\d"),),
        "node end": (),
    },
    stirs=r"[ \t\r\n}\]^]|node:|Node\.js v|\(Use `node",
    anywhere=(r"s:\d+\r?\n", r"\]:\d+\r?\n"),
)
RUBY: Final = Language(
    heads=(
        ("ruby", r"\([A-Z][\w:]*\)\s*$"),
        ("ruby", r"^[A-Z][\w:]* \(.*\):\s*$"),
        ("ruby", r"^[^\s:]+:\d+:in [`'].*': "),
    ),
    steps={
        "ruby": (
            ("ruby", r"^[ \t]*from \S+:\d"),
            ("ruby", _RUBY_PLACE),
            ("ruby", r"^[ \t]+\.\.\. ?\d+ levels\.\.\.|^Did you mean\?"),
            ("ruby gap?", _BLANK),
        ),
        "ruby gap?": (("ruby", _RUBY_PLACE), ("ruby code?", r"\S")),
        "ruby code?": (("ruby", r"^\s*\^[\^~]*\s*$"),),
    },
    stirs=r"[ \t\r\n^]|from |Did you mean",
    anywhere=(r":in [`']",),
)
DOTNET: Final = Language(
    heads=(
        ("dotnet", r"Exception(?:[:\s]|$)"),
        ("dotnet entry", r"^(?:trce|dbug|info|warn|fail|crit): \S.*\[\d+\]\s*$"),
        ("dotnet", r"^ +at \S"),
    ),
    steps={
        "dotnet": (
            ("dotnet", r"^[ \t]+at \S|^[ \t]*---> |^[ \t]*--- End of "),
            ("dotnet gap?", _BLANK),
        ),
        "dotnet gap?": (("dotnet", r"^[ \t]*---> \(Inner Exception "),),
        "dotnet entry": (("dotnet entry", r"^ {6}"),),
    },
    stirs=r"[ \t\r\n]|---",
)
LANGUAGES: Final[Mapping[Name, Language]] = {
    "java": JAVA,
    "python": PYTHON,
    "go": GO,
    "node": NODE,
    "ruby": RUBY,
    "dotnet": DOTNET,
}
