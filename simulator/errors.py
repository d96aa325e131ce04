"""What the simulator refuses, each with a stable id and a sentence that says what to do next."""

from typing import ClassVar


class SimulatorError(Exception):
    """Base of everything `simulator` raises on purpose."""

    error_id: ClassVar[str] = "simulator"


class RateError(SimulatorError):
    """A rate that is negative, not finite, or over the named peak."""

    error_id = "simulator.bad_rate"


class TimeError(SimulatorError):
    """A time or duration that is negative, not finite, or out of order."""

    error_id = "simulator.bad_time"


class CountError(SimulatorError):
    """A number of agents, calls or replications that is not a whole number in range."""

    error_id = "simulator.bad_count"


class OverloadError(SimulatorError):
    """More work arrives than the agents can do and nobody gives up: the queue has no steady state."""

    error_id = "simulator.overloaded"
