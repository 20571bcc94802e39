from argon2 import PasswordHasher

from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from points.errors import NotFoundError, StateConflictError
from points.programmes.access_queries import staff_by_email
from points.programmes.tables import Programme, Staff
from tests.commands.conftest import Run

PASSWORD = "correct horse battery staple"


def _staff(programme: Programme, email: str) -> Staff | None:
    async def work() -> Staff | None:
        async with transaction() as session:
            return await staff_by_email(session, programme.programme_id, email)

    return completed(work)


def test_a_generated_password_is_shown_once_and_only_its_argon2id_hash_is_kept(
    command: Run, programme: Programme
) -> None:
    email = f"ling@{programme.slug}.example"
    done = command("staff", "add", email.upper(), "--role", "operator", "--programme", programme.slug, "--generate")
    assert done.code == 0, done
    password = done.text.partition("Password: ")[2].split()[0]
    found = _staff(programme, email)
    assert found is not None
    assert (found.role, found.programme_id) == ("operator", programme.programme_id)
    assert found.password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(found.password_hash, password)


def test_a_prompted_password_is_asked_for_twice_and_not_echoed(command: Run, programme: Programme) -> None:
    email = f"auditor@{programme.slug}.example"
    arguments = ("staff", "add", email, "--role", "auditor", "--programme", programme.slug)
    done = command(*arguments, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.code == 0, done
    assert PASSWORD not in done.text
    assert _staff(programme, email) is not None


def test_a_short_password_is_refused(command: Run, programme: Programme) -> None:
    email = f"short@{programme.slug}.example"
    arguments = ("staff", "add", email, "--role", "auditor", "--programme", programme.slug)
    done = command(*arguments, typed="short\nshort\n")
    assert isinstance(done.error, OperatorError)
    assert "12" in str(done.error)
    assert _staff(programme, email) is None


def test_an_unknown_programme_is_answered_with_those_there_are(command: Run, programme: Programme) -> None:
    done = command("staff", "add", "a@b.example", "--role", "auditor", "--programme", "nowhere", "--generate")
    assert isinstance(done.error, OperatorError)
    assert programme.slug in str(done.error)


def test_an_address_is_taken_once(command: Run, programme: Programme) -> None:
    arguments = ("staff", "add", f"x@{programme.slug}.example", "--role", "auditor", "--programme", programme.slug)
    assert command(*arguments, "--generate").code == 0
    assert isinstance(command(*arguments, "--generate").error, StateConflictError)


def test_somebody_disabled_stays_disabled_since_the_first_time(command: Run, programme: Programme) -> None:
    email = f"gone@{programme.slug}.example"
    arguments = (email, "--programme", programme.slug)
    assert command("staff", "add", *arguments, "--role", "auditor", "--generate").code == 0
    since = []
    for _ in range(2):
        done = command("staff", "disable", *arguments)
        assert done.code == 0, done
        found = _staff(programme, email)
        assert found is not None
        since.append(found.disabled_at)
    assert since[0] is not None
    assert since[0] == since[1]


def test_nobody_can_be_disabled_who_is_not_there(command: Run, programme: Programme) -> None:
    done = command("staff", "disable", "nobody@example.org", "--programme", programme.slug)
    assert isinstance(done.error, NotFoundError)
    assert "nobody@example.org" in str(done.error)
