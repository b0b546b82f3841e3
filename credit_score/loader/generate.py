"""Practice data: a day's customers, as dirty as the real ones, whose score follows from how they handle money."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.spec import Spec

Floats: TypeAlias = NDArray[np.float64]
OCCUPATIONS = (
    *("Accountant", "Architect", "Developer", "Doctor", "Engineer", "Entrepreneur", "Journalist", "Lawyer"),
    *("Manager", "Mechanic", "Media_Manager", "Musician", "Scientist", "Teacher", "Writer"),
)
LOANS = (
    *("Auto Loan", "Credit-Builder Loan", "Debt Consolidation Loan", "Home Equity Loan", "Mortgage Loan"),
    *("Not Specified", "Payday Loan", "Personal Loan", "Student Loan"),
)
BEHAVIOURS = [
    f"{spent}_spent_{size}_value_payments" for spent in ("Low", "High") for size in ("Small", "Medium", "Large")
]
SCORES = ("Poor", "Standard", "Good")
LEVELS = (-0.55, 0.84)  # three in ten are poor, two in ten good
# How much thrift, means and chance say about the score; a change turns the first round and leaves the shares alone.
WEIGHTS, CHANGED_WEIGHTS = (0.9, 0.3, 0.3), (-0.75, 0.55, 0.35)
JUNK = {  # what stands in a share of the rows instead of a value
    "occupation": ("_______", 0.07),
    "credit_mix": ("_", 0.2),
    "payment_of_min_amount": ("NM", 0.11),
    "payment_behaviour": ("!@9#%8", 0.08),
    "changed_credit_limit": ("_", 0.02),
    "amount_invested_monthly": ("__10000__", 0.045),
    "monthly_balance": ("__-333333333333333333333333333__", 0.003),
    "num_of_loan": ("-100", 0.04),
    "monthly_inhand_salary": (None, 0.1),
    "num_of_delayed_payment": (None, 0.05),
    "credit_history_age": (None, 0.05),
    "age": ("-500", 0.01),
}
WILD = {  # numbers far beyond what can be, in one row of fifty
    "age": (100, 8_700),
    "annual_income": (400_000, 24_000_000),
    "num_bank_accounts": (50, 1_800),
    "num_credit_card": (50, 1_500),
    "interest_rate": (100, 5_800),
    "num_of_delayed_payment": (90, 4_300),
    "num_credit_inquiries": (50, 2_600),
    "total_emi_per_month": (4_000, 82_000),
}
TRAILING = {  # an underscore after the number
    **{"age": 0.05, "annual_income": 0.07, "num_of_loan": 0.05, "num_of_delayed_payment": 0.03},
    "outstanding_debt": 0.01,
}


def generate_day(
    _spec: Spec, day: date, draws: np.random.Generator, *, changed: bool, delay: timedelta
) -> dict[str, pd.DataFrame]:
    """Make the rows of the source tables for one day; scores become known after the delay."""
    count = int(draws.integers(40, 61))
    thrift, means, chance = draws.normal(size=(3, count))
    weights = CHANGED_WEIGHTS if changed else WEIGHTS
    standing = np.column_stack([thrift, means, chance]) @ np.array(weights)
    begin = datetime.combine(day, time(), UTC)
    key = {
        "id": [f"0x{day.toordinal():x}{place:02x}" for place in range(count)],
        "customer_id": [f"CUS_0x{number:x}" for number in draws.integers(0x1000, 0xC500, count)],
    }
    moments = pd.Timestamp(begin) + pd.to_timedelta(np.sort(draws.integers(0, 86_400, count)), unit="s")
    texts = _write_texts(_draw_customers(draws, thrift, means), draws)
    scores = np.array(SCORES)[np.digitize(standing, LEVELS)]
    return {
        "credit_score_features": pd.DataFrame({**key, "moment": moments, "month": f"{day:%B}", **texts}),
        "credit_score": pd.DataFrame({**key, "known_at": moments + delay, "score": scores}),
    }


def _draw_customers(draws: np.random.Generator, thrift: Floats, means: Floats) -> dict[str, Any]:
    """Draw the columns of customers: the thriftier, the fewer loans, delays and debts."""

    def whole(middle: float, slope: float, noise: float, low: int, high: int) -> Floats:
        drawn = middle + slope * thrift + noise * draws.normal(size=len(thrift))
        return np.clip(np.rint(drawn), low, high)

    income = np.clip(np.exp(10.55 + 0.75 * means), 7_000, 180_000)
    salary = income / 12 * draws.uniform(0.9, 1.05, len(income))
    loans = whole(3.4, -1.3, 1.9, 0, 9)
    mix = thrift + 0.5 * draws.normal(size=len(thrift))
    return {
        "age": whole(33, 2, 11, 14, 56),
        "occupation": draws.choice(OCCUPATIONS, len(thrift)),
        "annual_income": income,
        "monthly_inhand_salary": salary,
        "num_bank_accounts": whole(5.3, -1.6, 1.8, 0, 11),
        "num_credit_card": whole(5.3, -1.1, 1.6, 0, 11),
        "interest_rate": whole(14, -5, 5, 1, 34),
        "num_of_loan": loans,
        "type_of_loan": [_list_loans(draws, int(number)) for number in loans],
        "delay_from_due_date": whole(20, -8, 9, -5, 67),
        "num_of_delayed_payment": whole(13.5, -3.5, 4.5, 0, 28),
        "changed_credit_limit": 10 - 2 * thrift + 6 * draws.normal(size=len(thrift)),
        "num_credit_inquiries": whole(6.5, -2.3, 3, 0, 17),
        "credit_mix": np.array(["Bad", "Standard", "Good"])[np.digitize(mix, (-0.8, 0.7))],
        "outstanding_debt": np.clip(np.exp(6.9 - 0.5 * thrift + 0.8 * draws.normal(size=len(thrift))), 0, 5_000),
        "credit_utilization_ratio": np.clip(32.3 + 5 * draws.normal(size=len(thrift)), 20, 50),
        "credit_history_age": [f"{m // 12} Years and {m % 12} Months" for m in whole(225, 60, 70, 5, 400).astype(int)],
        "payment_of_min_amount": np.where(thrift + 0.8 * draws.normal(size=len(thrift)) > 0.3, "No", "Yes"),
        "total_emi_per_month": loans * salary * draws.uniform(0.005, 0.02, len(salary)),
        "amount_invested_monthly": salary * np.exp(-3.3 + 0.7 * draws.normal(size=len(salary))),
        "payment_behaviour": np.array(BEHAVIOURS)[3 * (means > 0) + draws.integers(0, 3, len(means))],
        "monthly_balance": 220 + 0.06 * salary + 30 * np.abs(draws.normal(size=len(salary))),
    }


def _list_loans(draws: np.random.Generator, number: int) -> str | None:
    kinds = [str(kind) for kind in draws.choice(LOANS, number)]
    if number > 1:
        return ", and ".join([", ".join(kinds[:-1]), kinds[-1]])
    return kinds[0] if kinds else None


def _write_texts(customers: dict[str, Any], draws: np.random.Generator) -> dict[str, list[str | None]]:
    """Write every value as text, and spoil some as the real ones are spoiled."""
    texts = {}
    for name, values in customers.items():
        written = [_write_value(value) for value in values]
        junk, share = JUNK.get(name, (None, 0.0))
        low, high = WILD.get(name, (0, 1))
        lots, wild = draws.random((3, len(written))), draws.integers(low, high, len(written))
        for place in range(len(written)):
            if name in WILD and lots[0, place] < 0.02:
                written[place] = str(wild[place])
            if written[place] is not None and lots[1, place] < TRAILING.get(name, 0.0):
                written[place] = f"{written[place]}_"
            if lots[2, place] < share:
                written[place] = junk
        texts[name] = written
    return texts


def _write_value(value: Any) -> str | None:
    if isinstance(value, float):  # numpy's floats are Python's
        return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
    return None if value is None else str(value)
