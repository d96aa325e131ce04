"""An earlier recording that is being played during a call."""

from dataclasses import dataclass
from typing import Literal

To = Literal["both", "customer"]


@dataclass
class Playing:
    """`path` is without ending, `began_s` in epoch seconds. `begun`: the switch was asked; `stopping`: it is to end."""

    id: str
    path: str
    to: To
    seat: str
    length_s: float
    began_s: float
    begun: bool = False
    stopping: bool = False
    recalled: bool = False  # begun by an earlier brain
