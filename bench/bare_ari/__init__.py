"""The bare reference: what fifty calls cost with the least program that joins and records them; no floor, no database.

`python -m bench bare_ari` measures every way to record both parties (docs/recording.md has the table). A bench of the
whole class calls `measure("dialplan", calls=50)` in its own run, to set the brain's and Asterisk's share beside it.
"""

from bench.bare_ari.measure import WAYS, Measured, measure, run
from bench.harness import Bench

BENCH = Bench("bare_ari", run, "calls joined and recorded by a bare ARI program, each way to record both parties")

__all__ = ["BENCH", "WAYS", "Measured", "measure"]
