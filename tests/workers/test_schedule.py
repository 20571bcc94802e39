from datetime import timedelta

import pytest

from workers.app import app
from workers.schedule import JOBS, Job, beat_schedule


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_is_a_task_that_exists(redis_url: str, job: Job) -> None:
    app.loader.import_default_modules()
    assert {job.task, "programmes.each"} <= app.tasks.keys()


def test_every_job_has_a_name_of_its_own_and_a_reason() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS) == len(beat_schedule())
    assert all(len(job.why) > 20 for job in JOBS)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_that_waited_longer_than_its_period_is_dropped(job: Job) -> None:
    entry = beat_schedule()[job.name]
    assert entry["options"]["expires"] == job.every.total_seconds()
    assert entry["schedule"].run_every == job.every
    if job.for_each_programme:
        assert entry["args"] == (job.task, job.every.total_seconds())


def test_gains_are_on_the_boards_within_seconds() -> None:
    [job] = [job for job in JOBS if job.task == "leaderboards.project"]
    assert job.every <= timedelta(seconds=2)
