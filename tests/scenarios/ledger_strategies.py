"""What the machine of the ledger draws: few residents, few hours, so that times and people often meet."""

from uuid import UUID

from hypothesis import strategies as st

from tests.scenarios.ledger_model import BUDGETS, RESIDENTS

WHO = st.integers(0, RESIDENTS - 1)
POINTS = st.integers(1, 60)
HOURS = st.integers(1, 4)  # few, so that times often fall on each other
MATURES = st.sampled_from([0, 0, 0, 1, 3])
LASTS = st.sampled_from([1, 3, 8, 24])
AGO = st.integers(0, 3)  # how late an entry comes
PAID = st.lists(st.tuples(st.integers(0, BUDGETS - 1), POINTS), min_size=1, max_size=2, unique_by=lambda each: each[0])
AWARD = st.tuples(WHO, PAID, st.integers(0, 9), AGO, MATURES, LASTS, st.integers(0, 1))
UNKNOWN = UUID(int=1)
