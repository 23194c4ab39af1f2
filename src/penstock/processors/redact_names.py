"""Fields that are secret by their name, and the same names in texts: `password=…`, `"password": "…"`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from penstock.processors.redact_checks import Span
from penstock.processors.redact_kinds import Kind
from penstock.regex import compile_pattern, escape

_MOST_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 128
_JOINT: Final = "[_ .-]?"
_REST: Final = r"[\w.-]{0,64}"
_SIMPLE: Final = re.compile(r"[\w*. -]*")
_QUOTES: Final = re.compile(r"""(\\{0,8})(["']?)""")
_BARE: Final = re.compile(r"""(?i:(?:bearer|basic|digest|token)[ ]+)?[^\s,;&"'<>)}\]\\]+""")
_QUOTED: Final = {
    '"': re.compile(r'(?:[^"\\]+|\\.)*', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]+|\\.)*", re.DOTALL),
}


class Names:
    """Names of secret fields. Case does not count, nor `_` and `-` between words; `*` stands for any text."""

    def __init__(self, names: Sequence[str]) -> None:
        self._pattern = compile_pattern(f"(?i)(?:.*\\.)?(?:{'|'.join([_written(name) for name in names])})")
        self._known: dict[str, bool] = {}
        # A star at an end says nothing about where in a line to look.
        cores = "|".join([_written(name.strip("*")) for name in names])
        # Before what is no letter JSON may have a backslash.
        self.glance = f"(?i:{cores})" if _SIMPLE.fullmatch("".join(names)) else "(?s:.)"
        self.in_text = Kind(
            "secret",
            compile_pattern(
                rf"""(?i)(?:^|[^\pL\pN])(?:{"|".join([_written(name, _REST) for name in names])})"""
                r"""[\\"']{0,8}\s{0,8}(?:=>|[:=])\s{0,8}"""
            ),
            _value,
            likely=compile_pattern(self.glance).test,
            glance=self.glance,
        )

    def have(self, name: str) -> bool:
        """Whether a field of this name is one of them, the name of one inside included: `user.password`."""
        known = self._known.get(name)
        if known is None:
            known = self._pattern.fullmatch(name) is not None
            if len(name) <= _LONGEST_KNOWN:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[name] = known
        return known


def _written(name: str, star: str = ".*") -> str:
    """A pattern for all ways to write the name: `api_key`, `apiKey`, `API-Key`."""
    words = re.split(r"[_-]", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name))
    return _JOINT.join([star.join(map(escape, word.split("*"))) for word in words])


def _value(text: str, _start: int, end: int) -> Iterator[Span]:
    """What stands behind the name."""
    opening = _QUOTES.match(text, end)
    assert opening is not None, "it matches nothing, too"
    quote = opening[2]
    if not quote:
        bare = _BARE.match(text, end)
        if bare is not None:
            yield bare.span()
    elif opening[1]:  # JSON within a text within JSON
        close = text.find(opening[0], opening.end())
        yield opening.end(), close if close >= 0 else len(text)
    else:
        found = _QUOTED[quote].match(text, opening.end())
        assert found is not None, "it matches nothing, too"
        yield found.span()
