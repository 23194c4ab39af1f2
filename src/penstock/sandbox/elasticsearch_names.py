"""Names of indices.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create
"""

from typing import Final

from penstock.sandbox.elasticsearch_errors import Trouble

_ODD: Final = frozenset(' "*\\<|,>/?')
_LONGEST_NAME: Final = 255


def check_name(name: str) -> None:
    """Raises `Trouble` where this cannot be the name of an index."""
    why = ""
    if not name:
        why = "must not be empty"
    elif name in (".", ".."):
        why = "must not be '.' or '..'"
    elif name[0] in "_-+":
        why = "must not start with '_', '-', or '+'"
    elif set(name) & _ODD:
        why = "must not contain the following characters [' ','\"','*',',','/','<','>','?','\\','|']"
    elif "#" in name or ":" in name:
        why = f"must not contain '{'#' if '#' in name else ':'}'"
    elif name != name.lower():
        why = "must be lowercase"
    elif len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        why = f"index name is too long, ({len(name.encode('utf-8', 'replace'))} > {_LONGEST_NAME})"
    if why:
        raise Trouble(
            400,
            "invalid_index_name_exception",
            f"Invalid index name [{name}], {why}",
            index=name,
            index_uuid="_na_",
        )
