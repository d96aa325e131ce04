"""The simulator beside ciw: the same queue, in turns, in one process, by CPU seconds.

M/M/50 with exponential patience at 85 % load (row A7 of the tests' Erlang A table): 637.5 calls an hour, 240 s each,
patience 120 s on average; 200,000 customers a round. ciw runs without trackers or state records, as fast as it goes.
At least 5 times ciw's speed is asked of `bulk`. The mean wait of all rounds is shown beside Erlang A's, so that nobody
is fast by being wrong.
"""

import gc
import time
from collections.abc import Callable
from random import Random
from statistics import fmean, median

import ciw

from bench.harness import Bench, Row
from simulator.model import QueueModel
from simulator.theory import erlang_a

RATE_PER_H, AHT_S, AGENTS, PATIENCE_S = 637.5, 240.0, 50, 120.0

Played = tuple[float, float]
"""CPU seconds, and the mean wait of all customers in seconds."""


def ours(by_lives: bool) -> Callable[[int, int], Played]:
    """Our simulator: `bulk`, or the callers' lives that a class uses."""

    def play(customers: int, seed: int) -> Played:
        model = QueueModel(RATE_PER_H, AHT_S, AGENTS, PATIENCE_S, customers=customers)
        started_s = time.process_time()
        figures = (model.by_lives if by_lives else model)(Random(seed))
        return time.process_time() - started_s, figures["mean_wait_s"]

    return play


def ciws(customers: int, seed: int) -> Played:
    """ciw on the same model; taking its records apart is not counted."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE_PER_H / 3600)],
        service_distributions=[ciw.dists.Exponential(1 / AHT_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    ciw.seed(seed)
    started_s = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Finish")
    took_s = time.process_time() - started_s
    return took_s, fmean(record.waiting_time for record in simulation.get_all_records())


def run(quick: bool) -> list[Row]:
    """Rounds of all three in turn; medians, and the median of the rounds' own ratios."""
    customers, rounds = (20_000, 1) if quick else (200_000, 5)
    players = {"bulk": ours(by_lives=False), "callers' lives": ours(by_lives=True), "ciw": ciws}
    speeds: dict[str, list[float]] = {name: [] for name in players}
    waits: dict[str, list[float]] = {name: [] for name in players}
    for seed in range(rounds):
        for name, play in players.items():
            gc.collect()
            cpu_s, wait_s = play(customers, seed)
            speeds[name].append(customers / cpu_s)
            waits[name].append(wait_s)
    truth_s = erlang_a(RATE_PER_H, AHT_S, AGENTS, PATIENCE_S).mean_wait_s
    rows = []
    for name, speed in speeds.items():
        ratios = [mine / theirs for mine, theirs in zip(speed, speeds["ciw"], strict=True)]
        note = f"{rounds} × {customers:,}; lowest {min(ratios):.1f} times"
        rows.append(Row(f"speed, {name}", median(speed), "callers/CPU s", median(speeds["ciw"]), median(ratios), note))
    for name, measured in waits.items():
        mean_s = fmean(measured)
        rows.append(Row(f"mean wait, {name}", mean_s, "s", truth_s, mean_s / truth_s, "beside Erlang A"))
    return rows


BENCH = Bench("simulator", run, "M/M/50 with patience, 85 % load, beside ciw")
