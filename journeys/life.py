"""Journey 10: what goes wrong in life, and how it is put right by law.

Several cases: numbers that cannot be, a fee, a correction half cured and a
defect that only the correction showed, one that never comes, a withdrawal,
paper lost and paper waived, a spoilt document, parcels refused, returned and
signed for by the wrong hand, a person who changes posts, a window that goes.
"""

from __future__ import annotations

from journeys import life_after, life_before
from journeys.course import Citizen, china
from journeys.fully_online import Online
from journeys.recorder import Journey, Recorder, expect
from journeys.stories import Story, side_by_side
from journeys.world import World

__all__ = ["JOURNEY", "drive"]


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that was half cured and sent twice."""
    world.at(china(12, 3, 9))
    main = life_before.begin(world, log, Citizen("a-1001", "许示例", "370306199104190021"))
    side_by_side(
        world,
        life_before.numbers(world, log),
        life_before.fees(world, log),
        life_before.never_corrected(world, log),
        life_before.withdrawn(world, log),
        life_after.waived(world, log),
        _half_cured_and_sent_twice(main),
        life_after.merged(world, log),
        life_after.followed(world, log),
    )
    served = main.case()
    expect("the main case is served", holds=served.service_means == "CONFIRMED")
    return main.case_number


def _half_cured_and_sent_twice(case: Online) -> Story:
    yield from life_before.half_cured(case)
    yield from life_after.lost_and_found(case)
    yield from life_after.sent_twice(case)


JOURNEY = Journey("10", "生活里的意外：半补正、撤回、遗失、拒收、换岗、并窗、作废文号", drive)
