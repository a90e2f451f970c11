"""What the simulation raises when something is not as it must be: by its checks; ``run`` tells it with the seed."""


class BreachError(AssertionError):
    """Something that must never happen did."""


class CostlyError(BreachError):
    """It asks more than it should: no mistake about the world."""
