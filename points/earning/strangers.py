"""What a till is told whose code means nobody, whether goods go out or come back."""

from typing import Final

from points.earning.activities import Reason, Refusal
from points.earning.appraisals import NOBODY
from points.residents.recognition import Fault

STRANGERS: Final = {
    Fault.UNKNOWN: NOBODY,
    Fault.EXPIRED: Refusal(
        Reason.MEMBER_CODE_EXPIRED,
        "The member code could not be shown at this time any more; send the time at which it was scanned.",
    ),
    Fault.INVALID: Refusal(
        Reason.MEMBER_CODE_INVALID, "The member code was not issued by this programme, or was changed or misread."
    ),
    Fault.NOT_TAKEN: Refusal(
        Reason.MEMBER_CODE_NOT_TAKEN, "The programme takes no codes that never change; scan the code in the app."
    ),
}
