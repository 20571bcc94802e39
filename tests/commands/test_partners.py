from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from points.programmes.access import holder_of_key
from points.programmes.tables import PartnerKey, Programme
from tests.commands.conftest import Outcome, Run


def _secret(done: Outcome) -> str:
    return done.text.partition("API key: ")[2].split()[0]


def _holder(secret: str) -> PartnerKey | None:
    async def work() -> PartnerKey | None:
        async with transaction() as session:
            return await holder_of_key(session, secret)

    return completed(work)


def test_a_key_shown_once_opens_what_its_scopes_say(command: Run, programme: Programme) -> None:
    name = f"Mart {new_id()}"
    assert command("partners", "add", name, "--name-zh", "超市", "--role", "retailer").code == 0
    done = command("partners", "add-key", name, "--scope", "sales:write", "--programme", programme.slug)
    assert done.code == 0, done
    found = _holder(_secret(done))
    assert found is not None
    assert (found.programme_id, found.scopes) == (programme.programme_id, "sales:write")


def test_a_name_that_two_have_is_refused_with_their_ids(command: Run, programme: Programme) -> None:
    name = f"Twin {new_id()}"
    told = [command("partners", "add", name, "--name-zh", "同名", "--role", "maker").text for _ in range(2)]
    done = command("partners", "add-key", name, "--scope", "products:write", "--programme", programme.slug)
    assert isinstance(done.error, OperatorError)
    for text in told:
        assert text.split()[-1].rstrip(".") in str(done.error)


def test_an_unknown_organization_is_refused_with_the_remedy(command: Run, programme: Programme) -> None:
    done = command("partners", "add-key", new_id(), "--scope", "sales:write", "--programme", programme.slug)
    assert isinstance(done.error, OperatorError)
    assert "tanhui partners add" in str(done.error)


def test_a_revoked_key_opens_nothing_and_another_of_its_owner_still_does(command: Run, programme: Programme) -> None:
    name = f"Mart {new_id()}"
    assert command("partners", "add", name, "--name-zh", "超市", "--role", "retailer").code == 0
    arguments = ("partners", "add-key", name, "--scope", "sales:write", "--programme", programme.slug)
    leaked, other = (_secret(command(*arguments)) for _ in range(2))
    for _ in range(2):
        done = command("partners", "revoke", leaked.split("_")[1])
        assert done.code == 0, done
        assert leaked not in done.text
    assert _holder(leaked) is None
    assert _holder(other) is not None


def test_a_key_of_another_programme_is_not_revoked(command: Run, programme: Programme) -> None:
    name = f"Mart {new_id()}"
    assert command("partners", "add", name, "--name-zh", "超市", "--role", "retailer").code == 0
    key = _secret(command("partners", "add-key", name, "--scope", "sales:write", "--programme", programme.slug))
    added = ("--name-zh", "别处", "--name-en", "Elsewhere", "--points-per-tonne", "1")
    assert command("programmes", "add", f"other-{programme.slug}", *added).code == 0
    done = command("partners", "revoke", key.split("_")[1], "--programme", f"other-{programme.slug}")
    assert isinstance(done.error, OperatorError)
    assert _holder(key) is not None


def test_an_unknown_prefix_is_refused_with_where_to_find_it(command: Run, programme: Programme) -> None:
    done = command("partners", "revoke", "000000000000")
    assert isinstance(done.error, OperatorError)
    assert "after `tanhui_`" in str(done.error)
