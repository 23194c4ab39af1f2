from penstock.processors.route import RouteSettings
from penstock.testing.processing import block_of, chain_of, context, decoded


def test_the_first_that_holds_gives_the_label_and_errors_are_counted() -> None:
    routes = [{"name": "big", "where": "n > 5"}, {"name": "odd", "where": "n % 2 == 1"}]
    settings = RouteSettings.model_validate({"type": "route", "routes": routes, "field": "meta.to"})
    chain = chain_of(settings.build(context()))
    came = decoded(chain.process(block_of([{"n": 7}, {"n": 3}, {"n": 2}, {"n": "x", "meta": 1}])))
    assert came == [
        {"n": 7, "meta": {"to": "big"}},
        {"n": 3, "meta": {"to": "odd"}},
        {"n": 2},
        {"n": "x", "meta": 1},
    ]
    assert chain.stats[0].errors == 1
