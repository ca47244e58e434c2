"""The five services in one process, under a seeded scheduler of everything that can go wrong.

A schedule is one journey of a case while deliveries are doubled, delayed and
reordered, processes die between their commits, databases and brokers are away
and time jumps. Afterwards the checker rules on what the databases hold.

    python -m simulator --seed 1 --schedules 1000
"""

from simulator.outcome import Outcome
from simulator.schedule import Simulator

__all__ = ["Outcome", "Simulator"]
