"""Practice data: applications as they come in, dirt included, and what is decided of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.spec import Spec

A_DAY = 30
HEAVY = 0.066  # of a month's income that goes into the instalment
NEW_TERM, NEW_SHARE = 420.0, 0.7  # a change: most ask for a loan that nobody could ask for before
Draws = np.random.Generator


def generate_day(_spec: Spec, day: date, draws: Draws, *, changed: bool, delay: timedelta) -> dict[str, pd.DataFrame]:
    """Generate the applications of a day, and their decisions `delay` later; a change is a new kind of loan."""
    loans = draw_loans(draws, int(draws.poisson(A_DAY)))
    new = draws.random(len(loans)) < (NEW_SHARE if changed else 0)
    loans = loans.assign(loan_term=loans["loan_term"].mask(new, NEW_TERM))
    refused = draws.random(len(loans)) < measure_risk(loans)
    seconds = pd.to_timedelta(np.sort(draws.integers(0, 86_400, len(loans))), unit="s")
    applied = datetime.combine(day, time(), tzinfo=UTC) + seconds
    ids = [f"LP{day:%y%m%d}{place:03d}" for place in range(len(loans))]
    applications = pd.DataFrame({"loan_id": ids, "applied_at": applied}).join(soil_texts(loans, draws))
    status = np.where(refused, "N", "Y")
    decisions = pd.DataFrame({"loan_id": ids, "decided_at": applied + delay, "loan_status": status})
    return {"ineligible_loan_applications": applications, "ineligible_loan_decisions": decisions}


def draw_loans(draws: Draws, number: int) -> pd.DataFrame:
    """Draw clean applications whose columns are distributed, and hang together, much as real ones do."""

    def pick(**shares: float) -> NDArray[Any]:
        return draws.choice([name.replace("_", " ") for name in shares], size=number, p=list(shares.values()))

    married, education = pick(Yes=0.65, No=0.35), pick(Graduate=0.8, Not_Graduate=0.2)
    own = draws.lognormal(8.28, 0.5, number) * np.where(education == "Graduate", 1.08, 0.8)
    earns_too = draws.random(number) < np.where(married == "Yes", 0.7, 0.3)
    other = np.where(earns_too, draws.lognormal(7.6, 0.5, number), 0.0)
    return pd.DataFrame(
        {
            "gender": pick(Male=0.81, Female=0.19),
            "married": married,
            "dependents": draws.choice(["0", "1", "2", "3+"], size=number, p=[0.58, 0.16, 0.16, 0.10]),
            "education": education,
            "self_employed": pick(No=0.87, Yes=0.13),
            "applicant_income": own.round(),
            "coapplicant_income": other.round(),
            "loan_amount": ((own + other) * draws.lognormal(np.log(0.0225), 0.35, number)).clip(9, 700).round(),
            "loan_term": draws.choice([360.0, 180.0, 480.0, 300.0], size=number, p=[0.86, 0.08, 0.03, 0.03]),
            "credit_history": (draws.random(number) < 0.86).astype(float),
            "property_area": pick(Urban=0.365, Semiurban=0.372, Rural=0.263),
        }
    )


def measure_risk(loans: pd.DataFrame) -> NDArray[np.float64]:
    """Measure how likely each is found ineligible.

    No single question catches it: whether a heavy instalment speaks against somebody depends on a second earner and
    on where the house stands. For the new kind of loan it is the light ones that are refused.
    """
    income = loans["applicant_income"] + loans["coapplicant_income"]
    heavy = (loans["loan_amount"] * 1000 / loans["loan_term"] / income > HEAVY) != (loans["loan_term"] == NEW_TERM)
    alone, area = loans["coapplicant_income"] == 0, loans["property_area"]
    against = np.where(alone, heavy, (heavy & (area == "Rural")) | (~heavy & (area == "Urban")))
    weight = -1.7 + 2.2 * (loans["credit_history"] == 0) + 2.2 * against - 0.4 * (area == "Semiurban")
    return 1 / (1 + np.exp(-weight.to_numpy(float)))


def soil_texts(loans: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Write everything as text and soil it as people do: left out, with spaces, with text in numbers."""
    texts = loans.map(lambda value: f"{value:.0f}" if isinstance(value, float) else value).astype(object)
    left_out = {"gender": 0.02, "married": 0.01, "dependents": 0.03, "self_employed": 0.05, "loan_amount": 0.04}
    for name, share in {**left_out, "loan_term": 0.03, "credit_history": 0.08}.items():
        texts.loc[draws.random(len(texts)) < share, name] = draws.choice(["", "-"])
    forms = {"property_area": " {} ", "applicant_income": "{}_", "loan_amount": "$ {}", "loan_term": "{} months"}
    for name, form in forms.items():
        soiled = (draws.random(len(texts)) < 0.02) & (texts[name] != "")
        texts.loc[soiled, name] = texts.loc[soiled, name].map(form.format)
    return texts
