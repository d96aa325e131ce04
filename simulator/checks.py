"""Checks of figures at the simulator's boundary: each returns the figure or refuses it with an exact reason."""

import math

from simulator.errors import CountError, RateError, TimeError


def rate(name: str, value: float) -> float:
    """A rate (events per some unit of time): finite and not negative. Raises `RateError`."""
    if not math.isfinite(value) or value < 0:
        raise RateError(f"{name} is {value}; give a finite rate of 0 or more")
    return value


def time(name: str, value: float) -> float:
    """A time or duration in seconds: finite and not negative. Raises `TimeError`."""
    if not math.isfinite(value) or value < 0:
        raise TimeError(f"{name} is {value}; give finite seconds of 0 or more")
    return value


def duration(name: str, value: float) -> float:
    """A duration in seconds that something is divided by: finite and above 0. Raises `TimeError`."""
    if not math.isfinite(value) or value <= 0:
        raise TimeError(f"{name} is {value}; give finite seconds above 0")
    return value


def horizon(name: str, value: float) -> float:
    """A time at which to stop: 0 or more, `inf` for never. Raises `TimeError`."""
    if math.isnan(value) or value < 0:
        raise TimeError(f"{name} is {value}; give seconds of 0 or more, or inf for no end")
    return value


def count(name: str, value: int, least: int = 1) -> int:
    """A whole number of at least `least`. Raises `CountError`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise CountError(f"{name} is {value!r}; give a whole number of at least {least}")
    return value
