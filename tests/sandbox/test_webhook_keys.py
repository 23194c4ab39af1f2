from penstock.sandbox.webhook_keys import Keys


def test_a_key_is_known_with_what_came_under_it() -> None:
    keys = Keys()
    assert keys.seen("a", [b"1"]) == "never"
    keys.remember("a", [b"1"])
    assert keys.seen("a", [b"1"]) == "again"
    assert keys.seen("a", [b"1", b"2"]) == "with others"
    assert keys.seen("b", [b"1"]) == "never"


def test_keys_are_bounded_and_those_used_least_of_late_go_first() -> None:
    keys = Keys(2)
    for key in ("a", "b"):
        keys.remember(key, [])
    assert keys.seen("a", []) == "again"
    keys.remember("c", [])
    assert len(keys) == 2
    assert [keys.seen(key, []) for key in ("a", "b", "c")] == ["again", "never", "again"]
