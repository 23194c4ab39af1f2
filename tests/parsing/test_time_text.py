from penstock.parsing.time_text import TimeText
from penstock.parsing.timestamps import Timestamps


def test_the_whole_text_is_a_time() -> None:
    parser = TimeText(Timestamps())
    texts = ["25/Nov/2026:10:00:00 +0100", "1764064800.5", "at 1764064800"]
    assert parser.parse_all(texts, 0.0) == [
        {"timestamp": "2026-11-25T09:00:00Z"},
        {"timestamp": "2025-11-25T10:00:00.5Z"},
        None,
    ]
