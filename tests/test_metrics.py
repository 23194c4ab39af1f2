from penstock.metrics import Histogram


def test_values_fall_into_the_first_bucket_that_holds_them() -> None:
    histogram = Histogram((1, 5, 10))
    for value in (0, 1, 1.5, 5, 9, 10, 11):
        histogram.observe(value)
    histogram.observe(3, times=4)
    assert histogram.counts == [2, 6, 2, 1]
    assert (histogram.count, histogram.sum) == (11, 49.5)


def test_quantiles_are_interpolated() -> None:
    histogram = Histogram((1, 2, 4))
    assert histogram.quantile(0.5) == 0.0
    histogram.observe(1.5, times=10)
    assert histogram.quantile(0.5) == 1.5
    histogram.observe(100, times=90)
    assert histogram.quantile(0.99) == 4  # no more is known than the highest bound
