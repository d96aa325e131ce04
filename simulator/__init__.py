"""Pure time and chance: who rings when, how long they wait, and what comes of it. SimPy; no I/O, no clock, no seed.

- `arrivals`: when callers arrive. `callers`: a caller's life as one description. `floor`: what it meets there.
- `pacing`: the same on the wall clock, inside asyncio. `agents`: a modelled floor for simulated time.
- `bulk`, `model`, `experiment`: many callers fast, the textbook queue, replications and sweeps.
- `theory`: Erlang B, C and A. `metrics`: the figures of a call centre, each with its variant.

A caller's life is written once (`callers`) and runs against a model or against real calls. `bulk` is the one exception:
the plain queue in a second, shorter form, for planning runs where building a life for each of 200,000 callers would
cost twice the time. It takes the same cases and draws, and a property test holds both to the same outcome for every
caller. Times are seconds, rates are per hour, shares are of 1.
"""
