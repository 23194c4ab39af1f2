"""How many requests at a time a service takes best: additive increase, multiplicative decrease."""


class Concurrency:
    """Doubles each round from one request on until the first overload; from then on grows by one a round."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._limit = 1.0
        self._found = False

    @property
    def limit(self) -> int:
        """Requests that may be under way."""
        return int(self._limit)

    def succeeded(self) -> None:
        """A request came back well: `limit` of these make a round."""
        step = 1.0 / self._limit if self._found else 1.0
        self._limit = min(self._limit + step, float(self._maximum))

    def overloaded(self) -> None:
        """The service has too much to do."""
        self._found = True
        self._limit = max(1.0, self._limit / 2)
