import pytest
from pydantic import ValidationError

from penstock.sources.base import LineSettings


@pytest.mark.parametrize("size", [0, 63, "63B"])
def test_a_line_has_room_for_more_than_its_mark(size: object) -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 64"):
        LineSettings.model_validate({"max_line": size})
    assert LineSettings.model_validate({"max_line": 64}).max_line == 64
