import re

import pytest

from points.earning.activities import Reason
from points.earning.remedies import REMEDIES


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_says_what_to_do_in_both_languages(reason: Reason) -> None:
    remedy = REMEDIES[reason]
    assert re.search(r"[\u4e00-\u9fff]", remedy.zh)
    assert remedy.zh.endswith("。")
    assert not re.search(r"[\u4e00-\u9fff]", remedy.en)
    assert remedy.en.endswith(".")
