"""Every periodic job, in one table. Each is a sweep: missed it comes again, twice it does nothing more.

A job is done for each programme by itself, so that trouble in one city is not the others' trouble.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from celery.schedules import schedule


@dataclass(frozen=True, slots=True)
class Job:
    """A task that runs `every` so often, with each programme's id unless it finds out itself where there is work."""

    name: str
    task: str
    every: timedelta
    why: str
    for_each_programme: bool = True


JOBS: Final = (
    Job(
        "project boards",
        "leaderboards.project",
        timedelta(seconds=2),
        "Who gained something stands on the boards two seconds later.",
        for_each_programme=False,
    ),
    Job(
        "rebuild boards",
        "leaderboards.rebuild",
        timedelta(hours=1),
        "Heals what a lost note or a restart of Redis left wrong on the boards.",
    ),
    Job(
        "mature lots",
        "lots.mature",
        timedelta(minutes=1),
        "Points become spendable when their return window closes.",
    ),
    Job(
        "expire lots",
        "lots.expire",
        timedelta(hours=1),
        "Points past their expiry leave the balance; they could not be spent since the moment itself.",
    ),
    Job(
        "release lapsed holds",
        "lots.release_lapsed",
        timedelta(minutes=1),
        "Points held for something that nobody finished go back to their lots.",
    ),
    Job(
        "take up imports",
        "imports.sweep",
        timedelta(seconds=10),
        "Imports whose message or worker was lost go on where they were left; old ones are removed.",
        for_each_programme=False,
    ),
    Job(
        "take up clawbacks",
        "clawbacks.sweep",
        timedelta(minutes=1),
        "Orders whose message or worker was lost go on where they were left.",
    ),
    Job(
        "watch budgets",
        "budgets.watch",
        timedelta(minutes=1),
        "Whoever has to fund a budget hears of it while there is time.",
    ),
    Job(
        "grant what waited",
        "budgets.grant_waiting",
        timedelta(minutes=1),
        "Points that waited for their budget are granted once it is funded, also where the message of it was lost.",
    ),
    Job(
        "close what waited too long",
        "budgets.lapse_waiting",
        timedelta(hours=1),
        "Points that waited until they would have expired are not granted any more.",
    ),
    Job(
        "count budgets' days",
        "budgets.count_days",
        timedelta(hours=1),
        "Forecasts are made from the whole days before today.",
    ),
    Job(
        "sweep redemptions",
        "redemptions.sweep",
        timedelta(minutes=1),
        "Reservations that nobody came back for are fulfilled, or their voucher goes back into the pool.",
    ),
    Job(
        "sweep anonymous sales",
        "sales.sweep_anonymous",
        timedelta(hours=1),
        "What nobody claimed, and nobody can claim or bring back any more, is not kept.",
    ),
)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return the table as Celery's beat takes it.

    Runs are aligned to the clock, so that restarts do not put an hourly job off for ever. One that waited for longer
    than its period is dropped: the next one does the same.
    """
    return {job.name: _entry(job) for job in JOBS}


def _entry(job: Job) -> dict[str, Any]:
    seconds = job.every.total_seconds()
    task, args = ("programmes.each", (job.task, seconds)) if job.for_each_programme else (job.task, ())
    return {
        "task": task,
        "args": args,
        "schedule": schedule(job.every, relative=True),
        "options": {"expires": seconds},
    }
