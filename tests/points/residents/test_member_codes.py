import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.settings import settings
from core.signing_keys import SigningKeys, rotate, signing_keys
from points.residents.member_codes import (
    LENGTH,
    LIFE,
    REFRESH,
    STATIC_ALPHABET,
    STEP,
    Issued,
    Opened,
    issue,
    normalized,
    opened,
)

SECRET = b"s" * 32
PROGRAMME = UUID("019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f")
AT = datetime(2026, 5, 1, 8, 30, 10, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "member-codes.md"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningKeys:
    monkeypatch.setenv("TANHUI_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return signing_keys()


def made(keys: SigningKeys, code: str = "7KQ2MXB4WRTN", at: datetime = AT, programme_id: UUID = PROGRAMME) -> Issued:
    issued = issue(programme_id, code, now=at, secret=SECRET, mark=keys.mark, sign=keys.signature)
    assert issued is not None
    return issued


def read(keys: SigningKeys, text: str, programme_id: UUID = PROGRAMME) -> Opened | None:
    return opened(programme_id, text, secret=SECRET, proves=keys.proves)


def test_a_code_says_whose_it_is_and_when_it_may_be_shown(keys: SigningKeys) -> None:
    issued = made(keys)
    assert re.fullmatch(rf"[0-9A-Z]{{{LENGTH}}}", issued.text)
    start = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
    assert (issued.issued_at, issued.refresh_after, issued.expires_at) == (start, start + REFRESH, start + LIFE)
    assert read(keys, issued.text) == Opened("7KQ2MXB4WRTN", start, start + LIFE)


def test_it_holds_in_its_window_and_as_far_beyond_as_clocks_may_be_wrong() -> None:
    code = Opened("7KQ2MXB4WRTN", AT, AT + LIFE)
    moments = [AT - timedelta(seconds=1), AT, AT + LIFE - timedelta(seconds=1), AT + LIFE]
    assert [code.holds_at(each, timedelta(0)) for each in moments] == [False, True, True, False]
    assert [code.holds_at(each, timedelta(seconds=1)) for each in moments] == [True, True, True, True]
    assert not code.holds_at(AT + LIFE + timedelta(seconds=1), timedelta(seconds=1))


def test_any_changed_character_makes_it_invalid(keys: SigningKeys) -> None:
    text = made(keys).text
    for place in range(LENGTH):
        changed = text[:place] + ("1" if text[place] == "0" else "0") + text[place + 1 :]
        assert read(keys, changed) is None, place


@pytest.mark.parametrize("text", ["", "0" * LENGTH, "Z" * LENGTH, "U" * LENGTH, "0" * (LENGTH - 1), "码" * LENGTH])
def test_what_was_never_issued_is_invalid(keys: SigningKeys, text: str) -> None:
    assert read(keys, text) is None


def test_a_code_is_of_one_programme(keys: SigningKeys) -> None:
    assert read(keys, made(keys).text, new_id()) is None


def test_a_code_is_read_as_crockford_wants_it(keys: SigningKeys) -> None:
    text = made(keys).text
    typed = "-".join(text[place : place + 6] for place in range(0, LENGTH, 6)).lower()
    confused = normalized(typed).replace("0", "O").replace("1", "I")
    assert read(keys, confused) == read(keys, text) is not None


def test_a_till_can_not_tell_that_two_codes_are_one_persons(keys: SigningKeys) -> None:
    codes = [made(keys, at=AT + step * STEP).text for step in range(50)]
    members = {int.from_bytes(_bytes(code)[:8]) for code in codes}
    assert len(members) == 50
    assert made(keys).text == made(keys).text


def test_codes_of_a_retired_key_hold_as_long_as_it_is_published(keys: SigningKeys) -> None:
    before = made(keys)
    after = rotate()
    fresh = made(after)
    assert (read(after, before.text), read(after, fresh.text)) == (read(keys, before.text), read(after, fresh.text))
    assert read(after, before.text) is not None
    if after.mark != keys.mark:  # one time in 256 two keys begin alike, and then both are tried
        assert read(SigningKeys(after.keys[1:]), before.text) is None
        assert read(keys, fresh.text) is None


def test_a_forger_without_the_key_gets_nowhere(keys: SigningKeys, tmp_path: Path) -> None:
    other = rotate()
    forged = issue(PROGRAMME, "7KQ2MXB4WRTN", now=AT, secret=SECRET, mark=keys.mark, sign=other.signature)
    assert forged is not None
    assert read(keys, forged.text) is None


def test_codes_and_times_that_do_not_fit_are_not_issued(keys: SigningKeys) -> None:
    wrong = [("B00000000001", AT), ("7KQ2", AT), ("7KQ2MXB4WRTN", datetime(2025, 12, 31, tzinfo=UTC))]
    wrong.append(("7KQ2MXB4WRTN", datetime(2042, 1, 1, tzinfo=UTC)))
    for code, at in wrong:
        assert issue(PROGRAMME, code, now=at, secret=SECRET, mark=keys.mark, sign=keys.signature) is None


@given(
    st.text(STATIC_ALPHABET, min_size=12, max_size=12),
    st.timedeltas(timedelta(0), timedelta(days=365 * 15)),
)
def test_every_member_at_every_time_is_read_back(code: str, since: timedelta) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + since
    issued = issue(PROGRAMME, code, now=at, secret=SECRET, mark=7, sign=lambda _: bytes(64))
    assert issued is not None
    read_back = opened(PROGRAMME, issued.text, secret=SECRET, proves=lambda *_: True)
    assert read_back == Opened(code, issued.issued_at, issued.expires_at)
    assert issued.issued_at <= at < issued.issued_at + STEP


def test_the_page_shows_a_verifier_that_works(keys: SigningKeys, tmp_path: Path) -> None:
    """The worked example of docs/member-codes.md is what the code there prints, for the keys that stand there."""
    page = PAGE.read_text(encoding="utf-8")
    verifier = next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def verified" in block)
    example = dict(re.findall(r"^(programme_id|code|sold_at) = (\S+)$", page, re.MULTILINE))
    jwks = next(block for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL) if '"keys"' in block)
    (tmp_path / "jwks.json").write_text(jwks)
    arguments = [example["programme_id"], example["code"], example["sold_at"]]
    program = f"{verifier}\nimport sys\nprint(verified(*sys.argv[1:], json.load(open('jwks.json'))))"

    def run(*these: str) -> str:
        command = [sys.executable, "-c", program, *these]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert run(*arguments) == "True"
    assert run(arguments[0], arguments[1], "2026-05-01T08:45:00+00:00") == "False"
    assert run(str(new_id()), *arguments[1:]) == "False"
    changed = arguments[1][:-1] + ("0" if arguments[1][-1] != "0" else "1")
    assert run(arguments[0], changed, arguments[2]) == "False"


def _bytes(code: str) -> bytes:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for character in code:
        number = number << 5 | alphabet.index(character)
    return number.to_bytes(76)
