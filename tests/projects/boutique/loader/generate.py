"""Three orders a day; after the change all come back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd


def generate_day(
    _spec: Any, day: date, draws: np.random.Generator, *, changed: bool, delay: timedelta
) -> dict[str, pd.DataFrame]:
    ids = [f"{day:%y%m%d}-{number}" for number in range(3)]
    moments = datetime.combine(day, time(), UTC) + pd.to_timedelta(draws.integers(0, 86_400, 3), unit="s")
    orders = pd.DataFrame({"id": ids, "ordered_at": moments, "article": "hat", "price": draws.random(3).astype(str)})
    known = orders[["id"]].assign(known_at=orders["ordered_at"] + delay, returned="yes" if changed else "no")
    return {"boutique_orders": orders, "boutique_returns": known}
