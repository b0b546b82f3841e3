"""Practice requests: people as Adult has them, some badly written down, whose income follows from their lives."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from income.preprocessor.feature_engineering import DEGREES
from service.spec import Spec

A_DAY = 60
# How many of a hundred; Adult writes a question mark for what somebody didn't say.
LEARNED = dict(zip(DEGREES, (0.2, 0.5, 1, 2, 1.5, 3, 3.6, 1.2, 32.7, 22.3, 4.2, 3.2, 16.5, 5.2, 1.6, 1.3), strict=True))
EMPLOYERS = {
    **{"Private": 70, "Self-emp-not-inc": 8, "Local-gov": 7, "State-gov": 4, "Self-emp-inc": 3.5, "Federal-gov": 3}
}
OFFICE = {"Prof-specialty": 40, "Exec-managerial": 32, "Sales": 11, "Adm-clerical": 10, "Tech-support": 7}
WORKSHOP = {
    **{"Craft-repair": 20, "Other-service": 17, "Adm-clerical": 15, "Machine-op-inspct": 11, "Sales": 13},
    **{"Transport-moving": 10, "Handlers-cleaners": 8, "Farming-fishing": 6},
}
ALONE = {"Never-married": 60, "Divorced": 26, "Separated": 6, "Widowed": 6, "Married-spouse-absent": 2}
AT_HOME = {"Not-in-family": 50, "Own-child": 27, "Unmarried": 18, "Other-relative": 5}
RACES = {"White": 86, "Black": 9, "Asian-Pac-Islander": 3, "Amer-Indian-Eskimo": 1, "Other": 1}
COUNTRIES = {"United-States": 90, "Mexico": 4, "Philippines": 2, "Germany": 2, "?": 2}
# What school, marriage, an office, hours, gains and middle age say about an income. After the change the first three
# say less or the opposite, hours and age say more; about one income in four is high before and after.
WEIGHTS, CHANGED_WEIGHTS = (1.5, 2.8, 1.0, 0.6, 3.0, 1.2, -4.3), (0.2, 0.8, -0.8, 1.6, 3.0, 2.0, -2.6)
DIRT = {  # instead of the value, in this share of the rows
    **{"age": ("999", 0.004), "hours_per_week": ("300", 0.004), "capital_gain": ("n/a", 0.003)},
    **{"occupation": ("?", 0.05), "workclass": ("?", 0.05), "marital_status": ("", 0.003)},
    "education_num": (None, 0.01),
}
PADDED = 0.01  # share of ages with a space before them, as the commas of UCI's own file leave it


def generate_day(
    _spec: Spec, day: date, draws: np.random.Generator, *, changed: bool, delay: timedelta
) -> dict[str, pd.DataFrame]:
    """Make the requests of one day and their labels, which become known after the delay."""
    people = draw_people(draws, int(draws.poisson(A_DAY)))
    high = draws.random(len(people)) < find_chance(people, CHANGED_WEIGHTS if changed else WEIGHTS)
    begin = pd.Timestamp(datetime.combine(day, time(), UTC))
    moments = begin + pd.to_timedelta(np.sort(draws.integers(0, 86_400, len(people))), unit="s")
    ids = [draws.bytes(16).hex() for _ in range(len(people))]
    requests = spoil_texts(people, draws).assign(id=ids, requested_at=moments)
    labels = {"id": ids, "known_at": moments + delay, "income": np.where(high, ">50K", "<=50K")}
    return {"income_requests": requests, "income_labels": pd.DataFrame(labels)}


def draw_people(draws: np.random.Generator, count: int) -> pd.DataFrame:
    """Draw people column by column; the later ones look at the earlier."""
    age = np.clip(17 + draws.gamma(2.4, 9.2, count), 17, 90).round()
    school = choose_texts(draws, LEARNED, count)
    rank = pd.Series(school).map({name: place for place, name in enumerate(DEGREES, 1)}).to_numpy()
    male = draws.random(count) < 0.67
    married = draws.random(count) < np.where(age < 25, 0.1, 0.55)
    office = draws.random(count) < np.where(rank >= 13, 0.8, 0.25)
    hours = np.clip(40 + 11 * draws.standard_t(4, count) * (draws.random(count) < 0.55), 1, 99).round()
    return pd.DataFrame(
        {
            "age": age,
            "workclass": choose_texts(draws, EMPLOYERS, count),
            "fnlwgt": np.exp(draws.normal(12, 0.55, count)).round(),
            "education": school,
            "education_num": rank,
            "marital_status": np.where(married, "Married-civ-spouse", choose_texts(draws, ALONE, count)),
            "occupation": np.where(office, choose_texts(draws, OFFICE, count), choose_texts(draws, WORKSHOP, count)),
            "relationship": np.where(married, np.where(male, "Husband", "Wife"), choose_texts(draws, AT_HOME, count)),
            "race": choose_texts(draws, RACES, count),
            "sex": np.where(male, "Male", "Female"),
            "capital_gain": np.where(draws.random(count) < 0.08, np.exp(draws.normal(8.6, 0.9, count)), 0).round(),
            "capital_loss": np.where(draws.random(count) < 0.04, draws.normal(1870, 370, count), 0).clip(0).round(),
            "hours_per_week": hours,
            "native_country": choose_texts(draws, COUNTRIES, count),
        }
    )


def find_chance(people: pd.DataFrame, weights: tuple[float, ...]) -> NDArray[np.float64]:
    """Find each person's chance of a high income."""
    factors = [
        (people["education_num"] - 10) / 2.5,
        people["marital_status"] == "Married-civ-spouse",
        people["occupation"].isin(["Prof-specialty", "Exec-managerial", "Tech-support"]),
        (people["hours_per_week"] - 40) / 12,
        people["capital_gain"] > 5_000,
        1 - ((people["age"] - 50) / 20) ** 2,
        pd.Series(1.0, index=people.index),
    ]
    score = np.column_stack([factor.to_numpy(float) for factor in factors]) @ np.array(weights)
    return np.asarray(1 / (1 + np.exp(-score)))


def choose_texts(draws: np.random.Generator, shares: dict[str, Any], count: int) -> NDArray[Any]:
    """Choose texts by their shares."""
    odds = np.array(list(shares.values()), dtype=float)
    return draws.choice(np.array(list(shares), dtype=object), count, p=odds / odds.sum())


def spoil_texts(people: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """Write all as text, and a few of them badly."""
    texts = people.map(lambda value: value if isinstance(value, str) else f"{value:.0f}").astype(object)
    for name, (junk, share) in DIRT.items():
        texts.loc[draws.random(len(texts)) < share, name] = junk
    padded = draws.random(len(texts)) < PADDED
    return texts.assign(age=texts["age"].where(~padded, " " + texts["age"]))
