"""Many workers: as many processes as the class needs, each kept alive, each call given to one with a free place."""

from telephony.fleet.fleet import Fleet
from telephony.fleet.messages import AskFleet, EnsureFleet, FleetState, Host, WhereIs, WorkerState

__all__ = ["AskFleet", "EnsureFleet", "Fleet", "FleetState", "Host", "WhereIs", "WorkerState"]
