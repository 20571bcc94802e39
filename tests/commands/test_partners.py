from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from points.programmes.access import holder_of_key
from points.programmes.tables import PartnerKey, Programme
from tests.commands.conftest import Run


def test_a_key_shown_once_opens_what_its_scopes_say(command: Run, programme: Programme) -> None:
    name = f"Mart {new_id()}"
    assert command("partners", "add", name, "--name-zh", "超市", "--role", "retailer").code == 0
    done = command("partners", "add-key", name, "--scope", "sales:write", "--programme", programme.slug)
    assert done.code == 0, done
    secret = done.text.partition("API key: ")[2].split()[0]

    async def holder() -> PartnerKey | None:
        async with transaction() as session:
            return await holder_of_key(session, secret)

    found = completed(holder)
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
