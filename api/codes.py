"""One-time codes: six digits, good for ten minutes and five tries, once. Redis holds only a keyed digest of each."""

import hmac
import re
import secrets
from typing import Final, cast
from uuid import UUID

from api.errors import InvalidParameterError
from core.redis import redis
from core.secrets import derived_key

SECONDS: Final = 600
MOST_TRIES: Final = 5
_DIGITS: Final = 6
_EMAIL: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINESE_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")

# Counting the try and reading the digest are one step, so that a hundred guesses sent at once are still five.
_TRY: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[1]) then
    redis.call('DEL', KEYS[1])
    return false
end
return redis.call('HGET', KEYS[1], 'digest')
"""


def normalized(contact: str) -> str:
    """Return a contact as it is compared: E.164 for a phone number, lower case for an e-mail address.

    Raises:
        InvalidParameterError: when it is neither.
    """
    address = contact.strip().lower()
    if _EMAIL.fullmatch(address):
        return address
    number = re.sub(r"[ ().-]", "", address)
    if _CHINESE_MOBILE.fullmatch(number):
        return f"+86{number}"
    if _PHONE.fullmatch(number):
        return number
    detail = "contact must be a mobile number (13800138000 or +8613800138000) or an e-mail address."
    raise InvalidParameterError(detail, pointer="#/contact", part="body")


def contact_digest(programme_id: UUID, contact: str) -> bytes:
    """Return what a resident is recognised by: a keyed digest of a normalized contact, different in each programme."""
    return hmac.digest(derived_key("contacts"), f"{programme_id}:{contact}".encode(), "sha256")


async def make(digest: bytes) -> str:
    """Return a new code for a contact; the one before it ends."""
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    async with redis().pipeline(transaction=True) as pipeline:
        pipeline.delete(_key(digest))
        pipeline.hset(_key(digest), mapping={"digest": _digest(digest, code), "tries": "0"})
        pipeline.expire(_key(digest), SECONDS)
        await pipeline.execute()
    return code


async def use(digest: bytes, code: str) -> bool:
    """Tell whether `code` is the contact's code, and end it if it is. Of two that come at once, one is right."""
    kept = cast("bytes | None", await redis().eval(_TRY, 1, _key(digest), str(MOST_TRIES)))
    if kept is None or not hmac.compare_digest(kept, _digest(digest, code)):
        return False
    return bool(await redis().delete(_key(digest)))


def _key(digest: bytes) -> str:
    return f"code:{digest.hex()}"


def _digest(digest: bytes, code: str) -> bytes:
    return hmac.digest(derived_key("codes"), digest + code.encode(), "sha256")
