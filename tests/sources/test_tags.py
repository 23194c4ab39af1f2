import json

import pytest

from penstock.sources.tags import Tagger


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a":1}', '{"host":"h\\"1","source":"app","a":1}'),
        ("{}", '{"host":"h\\"1","source":"app"}'),
        ("{ \t}", '{"host":"h\\"1","source":"app"}'),
        (' { "a" : 1 } ', '{"host":"h\\"1","source":"app","a" : 1 } '),
        ('{"host":"x","a":1}', '{"source":"app","host":"x","a":1}'),
        ('{"a":{"host":1}}', '{"host":"h\\"1","source":"app","a":{"host":1}}'),
        ('{"source":null,"host":[]}', '{"source":null,"host":[]}'),
        ('{"h\\u006fst":1,"source":2}', '{"h\\u006fst":1,"source":2}'),
        (' {"host":1,"source":2}', ' {"host":1,"source":2}'),
    ],
)
def test_adds_what_is_missing_and_changes_nothing_else(before: str, after: str) -> None:
    tagger = Tagger({"host": 'h"1', "source": "app"})
    json.loads(after)
    data = f'{{"z":0}}\n{before}\n{{"z":0}}\n'.encode()
    assert tagger(data).decode().split("\n")[1] == after
    assert tagger(tagger(data)) == tagger(data)


def test_without_fields_the_very_bytes_come_back() -> None:
    data = b'{"a":1}\n'
    assert Tagger({})(data) is data
