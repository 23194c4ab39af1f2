"""Each code has one status and one text, and what says yes says it with 200."""

import json

from penstock.sandbox.splunk_codes import CODES, coded, words


def test_every_code_is_said_in_its_words() -> None:
    assert list(CODES) == list(range(28))
    for code, (status, text) in CODES.items():
        answered = coded(code)
        assert (answered.status, json.loads(answered.body)) == (status, {"text": text, "code": code})
        assert answered.refused == 0
    assert [code for code, (status, _) in CODES.items() if status == 200] == [0, 17, 24, 25]


def test_an_event_is_named_from_0_and_for_its_index_from_1() -> None:
    for code in (6, 12, 13, 15):
        assert json.loads(coded(code, number=3).body)["invalid-event-number"] == 3
    assert json.loads(coded(7, number=3).body)["invalid-event-number"] == 4
    assert coded(6, number=0).refused == 1


def test_there_are_words_for_any_status() -> None:
    for status in range(200, 600):
        assert json.loads(words(status).body)["text"]
        assert words(status).status == status
