"""The configuration told to others: its JSON Schema for editors, itself for `/api/config` without its secrets."""

import inspect
import re
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from penstock.delivery.settings import DeliverySettings
from penstock.fields import SECRET_NAME, Model
from penstock.settings.model import DestinationConfig, Settings, composed

_PASSWORD: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_QUERY: Final = re.compile(r"(?<=://)([^?\s]*\?)\S+")
"""Of a URL, where many services take their key."""
_HIDDEN: Final = "**********"


def schema(model: type[Model] | None = None, title: str = "Penstock's configuration") -> dict[str, Any]:
    """The JSON Schema, draft 2020-12; of the daemon's configuration, where no other model is given."""
    body = (model or composed()).model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, "title": title, **body}


def masked(settings: Settings) -> dict[str, Any]:
    """The configuration as plain data, defaults too: sizes and times with units, secrets hidden."""
    shown: dict[str, Any] = _hide(settings.model_dump(mode="json", by_alias=True))
    for part, items in (("sources", settings.sources), ("destinations", settings.destinations)):
        for name, item in items.items():
            shown[part][name] = {key: shown[part][name][key] for key in field_order(type(item))}
    return {name: shown[name] for name in Settings.model_fields}


def without_secrets(text: str) -> str:
    """A URL without its password and its query; other text as it is."""
    return _QUERY.sub(rf"\1{_HIDDEN}", _PASSWORD.sub(_HIDDEN, text))


def _hide(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: _hide(item, str(name)) for name, item in value.items()}
        case list():
            return [_hide(item, key) for item in value]
        case str() if value and SECRET_NAME.search(key):
            return _HIDDEN  # such as a header that a kind takes as plain text
        case str():
            return without_secrets(value)
        case _:
            return value


class _Generator(GenerateJsonSchema):
    """Makes of each model what a reader expects: `type` first, its own fields before those all kinds have."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the library's signature
        return False  # `Max Line` tells nobody more than `max_line`

    def dict_schema(self, schema: core_schema.DictSchema) -> dict[str, Any]:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False  # a name of another shape is a mistake
        return made

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> dict[str, Any]:
        made = super().tagged_union_schema(schema)
        made.pop("discriminator", None)  # a word of OpenAPI
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        made = super().model_schema(schema)
        model: type[Model] = schema["cls"]
        properties = made.get("properties", {})
        defaults = model.model_construct().model_dump(mode="json", warnings=False, by_alias=True)
        for name, part in properties.items():
            if "description" in part:
                part["description"] = " ".join(part["description"].split())
            if isinstance(defaults.get(name), dict) or ("$ref" in part):
                part.pop("default", None)  # the group's own fields tell theirs
            elif "default" in part:
                part["default"] = defaults[name]
        if "description" in made:
            made["description"] = made["description"].split("\n\n")[0].replace("\n", " ")
        if "type" in properties and "const" in properties["type"]:
            made["required"] = ["type", *(key for key in made.get("required", []) if key != "type")]
        if properties:
            made["properties"] = {name: properties[name] for name in field_order(model) if name in properties}
        return made


def field_order(model: type[Model]) -> list[str]:
    """`type` and `enabled`, then the kind's own fields, then those that it shares with others, delivery's last.

    Each as it is written in the configuration.
    """
    kind = next((base for base in model.__mro__[1:] if "type" in inspect.get_annotations(base)), model)
    if "type" in inspect.get_annotations(model) and not issubclass(model, DestinationConfig):
        kind = model
    own = inspect.get_annotations(kind)
    first = {"type": 0, "enabled": 1}

    def rank(name: str) -> int:
        if name in first:
            return first[name]
        return 4 if name in DeliverySettings.model_fields else 2 if name in own else 3

    return [model.model_fields[name].alias or name for name in sorted(model.model_fields, key=rank)]
