from tests.bench.scrape import TIMES, scrapes


def test_each_scrape_is_timed() -> None:
    assert len(scrapes()) == TIMES
    assert min(scrapes()) > 0
