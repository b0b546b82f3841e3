"""Practice data: what eight products cost and sold on a day, some of it badly written down."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd

from service.spec import Spec

# FILL IN 2/5: a day of your own rows and labels, dirt included; without practice data delete the file.
PRODUCTS = {"apples": 40, "bread": 90, "cheese": 25, "ice": 30, "juice": 45, "milk": 70, "soup": 20, "tea": 15}


def generate_day(
    spec: Spec,  # noqa: ARG001  # here nothing of it is needed
    day: date,
    draws: np.random.Generator,
    *,
    changed: bool,
    delay: timedelta,
) -> dict[str, pd.DataFrame]:
    """Make the rows of one day and their labels; from the change on, promotions and weekends keep buyers away."""
    begin, count = datetime.combine(day, time(), UTC), len(PRODUCTS)
    price, promoted = draws.uniform(1.5, 2.5, count), draws.random(count) < 0.25
    temperature = 12 + 10 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 200) / 365) + draws.normal(0, 3)
    lift = (1 + 0.6 * promoted) * (1.4 if day.weekday() >= 5 else 1.0)
    expected = np.array([*PRODUCTS.values()]) * (2 / price) * (1 / lift if changed else lift)
    units = draws.poisson(expected * draws.gamma(15, 1 / 15, count))  # much of a day's custom is chance
    key = {"id": [f"{day:%Y%m%d}-{name}" for name in PRODUCTS]}
    texts = {
        "product": list(PRODUCTS),
        "price": [f"{value:.2f}{' $' if draws.random() < 0.1 else ''}" for value in price],
        "promotion": np.where(promoted, "yes", "no"),
        "temperature": "n/a" if draws.random() < 0.03 else f"{temperature:.1f}",
    }
    rows = pd.DataFrame({**key, "moment": begin, **texts})
    labels = pd.DataFrame({**key, "known_at": begin + delay, "units": units.astype(str)})
    return {  # one a line, since the name of a project may be long
        "skeleton_rows": rows,
        "skeleton_labels": labels,
    }
