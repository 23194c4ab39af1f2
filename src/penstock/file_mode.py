"""Permissions of files, as a configuration says them."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

_NO_MODE: Final = "is not a file mode: write it in octal with a zero in front, such as 0640"


def parse_mode(value: object) -> object:
    """Permissions as text are octal, as chmod(1) reads them; YAML reads `0640` so by itself."""
    if isinstance(value, int) and value > 0o777:
        raise ValueError(_NO_MODE)
    if not isinstance(value, str):
        return value
    try:
        return int(value, 8)
    except ValueError:
        raise ValueError(_NO_MODE) from None


def show_mode(mode: int) -> str:
    """As chmod(1) and our own configuration write it."""
    return f"0{mode:o}"


FileMode = Annotated[
    int,
    BeforeValidator(parse_mode),
    Field(ge=0, le=0o777),
    PlainSerializer(show_mode, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 0o777},
                {"type": "string", "pattern": "^0?o?[0-7]{1,3}$"},
            ],
            "examples": ["0640"],
        }
    ),
]
"""Permissions of a file."""
