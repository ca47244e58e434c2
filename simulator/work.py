"""What the processes of the district do by themselves: publish, take in, do jobs, sweep, die."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from servicekit.audit_sealer import SealingConflictError
from servicekit.jobs import JobRunner
from servicekit.relay import LeaseLostError, PublisherUnavailableError
from servicekit.stream import Outcome, Streams
from servicekit.transient import is_transient
from simulator.broker import Message
from simulator.processes import Fleet, Process, Publishing
from simulator.scheduler import Crash, Scheduler, Step

__all__ = ["Work"]

log = logging.getLogger(__name__)

LOOKS_AGAIN = 1.0  # seconds until a relay looks again that does not hold the lease
SWEEP_WEIGHT = 0.01
KILL_WEIGHT = 0.2


@dataclass(slots=True)
class Work:
    """Offers the scheduler what the processes could do now.

    A relay and the jobs look only where something was written since they last
    found nothing, and everywhere when nothing else is left to do: the notices
    of the database and the sweeps of production.
    """

    fleet: Fleet
    unpublished: set[str] = field(default_factory=set)
    asked_for: set[str] = field(default_factory=set)
    to_sweep: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    acknowledges_early: bool = False

    @property
    def scheduler(self) -> Scheduler:
        return self.fleet.scheduler

    def written(self, service: str, what: str) -> None:
        """Remember that something waits in an outbox or among the jobs."""
        (self.unpublished if what == "outbox" else self.asked_for).add(service)

    def nudge(self) -> None:
        self.unpublished |= self.fleet.parts.keys()
        self.asked_for |= self.fleet.parts.keys()
        self.to_sweep |= self.touched
        self.touched.clear()
        for process in self.fleet.everybody():
            process.not_before = 0.0

    def steps(self) -> Iterator[Step]:
        for service in sorted(self.unpublished):
            yield from self._of(service, "relay", 2.0, self._publish)
        for service in sorted(self.asked_for):
            yield from self._of(service, "jobs", 2.0, self._do_job)
        for service in self.fleet.parts:
            due = service in self.to_sweep
            for process in self.fleet.free(service, "jobs"):
                sweep = partial(self._sweep, process)
                weight = 1.0 if due else SWEEP_WEIGHT
                yield Step(weight, f"{process.name} sweeps", sweep, aside=not due)
        killed = KILL_WEIGHT * self.scheduler.rates.killed_idle
        if killed:
            yield Step(killed, "kill", self._kill, aside=True)

    def _of(
        self, service: str, role: str, weight: float, act: Callable[[Process], None]
    ) -> Iterator[Step]:
        now = self.scheduler.clock.instant.timestamp()
        for process in self.fleet.free(service, role):
            if process.not_before <= now:
                yield Step(weight, f"{process.name} acts", partial(act, process))

    def _publish(self, process: Process) -> None:
        service = process.service
        try:
            with self.scheduler.acting(process):
                made: Publishing = process.make()
                made.publisher.asked, made.publisher.idle = 0, False
                self.unpublished.discard(service)
                marked = made.relay.publish_once()
                if made.publisher.asked:
                    # As in production: only behind a full batch, or what was not confirmed,
                    # is there more without another write.
                    if made.publisher.asked >= self.scheduler.rates.relay_batch or (
                        marked < made.publisher.asked
                    ):
                        self.unpublished.add(service)
                    if not marked:
                        self._rest(process)
                elif not made.publisher.idle:  # another one holds the lease
                    self.unpublished.add(service)
                    self._rest(process)
        except Crash:
            self.unpublished.add(service)
        except (LeaseLostError, PublisherUnavailableError) as error:
            self.unpublished.add(service)
            kind = "lease_lost" if isinstance(error, LeaseLostError) else "broker_away"
            self.scheduler.note(f"relay.{kind}", fault=f"relay.{kind}")
            self._rest(process)
        except Exception as error:  # noqa: BLE001 -- the process loop
            self.unpublished.add(service)
            self._survived(process, error)

    def _do_job(self, process: Process) -> None:
        service = process.service
        try:
            with self.scheduler.acting(process):
                runner: JobRunner = process.make()
                self.asked_for.discard(service)
                if runner.run_once(limit=1):
                    self.asked_for.add(service)
                    self.scheduler.changes += 1
                    # Whoever waits for it waits through its pauses; its deadline ends them.
                    self.scheduler.progress += 1
        except Crash:
            self.asked_for.add(service)
            self.scheduler.progress += 1
        except Exception as error:  # noqa: BLE001 -- the process loop
            self.asked_for.add(service)
            self._survived(process, error)

    def _sweep(self, process: Process) -> None:
        service = process.service
        self.to_sweep.discard(service)
        try:
            with self.scheduler.acting(process):
                runner: JobRunner = process.make()
                runner.sweep()
                self.scheduler.changes += 1
                return
        except Crash:
            self.to_sweep.add(service)  # another replica may go on at once
        except Exception as error:  # noqa: BLE001 -- the process loop
            for each in _all_of(error):
                if isinstance(each, SealingConflictError):
                    self.scheduler.note("sealer.conflict", fault="sealer.conflict")
                else:
                    self._survived(process, each)
        self.touched.add(service)  # what failed is due again after a while only

    def sweep_all(self) -> None:
        """Let the jobs of every service do every sweep that is due."""
        for service in self.fleet.parts:
            self._sweep(self.fleet.replicas[service, "jobs"][0])

    def deliver(self, consumer: str, message: Message) -> bool:
        """Give a message to a worker of `consumer`; tell whether it was acknowledged."""
        replicas = self.fleet.free(consumer, "worker")
        if not replicas:
            return False
        process = self.scheduler.random.choice(replicas)
        try:
            with self.scheduler.acting(process):
                streams: Streams = process.make()
                self.touched.add(consumer)
                outcome = streams.take(message.body)
                if outcome is Outcome.FAILED:
                    self.scheduler.wrong.append(f"{consumer} failed on {message.label}")
                self.scheduler.note(f"{message.label} {outcome}", fault=f"event.{outcome}")
                self.scheduler.may_die("before_ack")
        except Crash:
            return self.acknowledges_early
        except Exception as error:  # noqa: BLE001 -- the process loop
            self._survived(process, error)
            return self.acknowledges_early
        return True

    def _kill(self) -> None:
        idle = [each for each in self.fleet.everybody() if not self.scheduler.is_acting(each)]
        process = self.scheduler.random.choice(idle)
        self.scheduler.note(f"process.killed {process.name}", fault="process.killed")
        process.die()

    def _rest(self, process: Process) -> None:
        process.not_before = self.scheduler.clock.instant.timestamp() + LOOKS_AGAIN

    def _survived(self, process: Process, error: Exception) -> None:
        """The net of a process loop: what passes is tried again, anything else is a finding."""
        if is_transient(error):
            self.scheduler.note(f"{process.name} tries again", fault=f"{process.role}.tries_again")
        else:
            self.scheduler.wrong.append(f"{process.name}: {error!r}")
            log.error("process_failed", exc_info=error)
        self._rest(process)


def _all_of(error: Exception) -> Iterator[Exception]:
    """Yield the errors that were raised together as `error`."""
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _all_of(each)
    else:
        yield error
