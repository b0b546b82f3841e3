"""A feed that repeats itself, as its newest candles show it."""

import pandas as pd

from crypto_forecast.preprocessor.data_preparation import PRICES
from service.step.results import SourceTrouble

STANDSTILL = 6  # so many candles at one price are no chance any more


def find_standstill(newest: pd.DataFrame) -> SourceTrouble:
    """Find that the newest candles are one price without a range, and tell a feed that repeats itself from a market.

    Where the volume changes, it may be traded at that price: nothing can be learned from that, but it is no alarm.
    """
    prices = newest[list(PRICES)].to_numpy(float)
    if len(newest) < STANDSTILL or (prices != prices[0, 0]).any():
        return {}
    first, last = newest["slot"].min(), newest["slot"].max()
    sentence = (
        f"the last {len(newest)} candles of {newest['market'].iloc[0]} ({first:%Y-%m-%d %H:%M} to "
        f"{last:%Y-%m-%d %H:%M} UTC) are one price, {prices[0, 0]:g}, without a range"
    )
    volumes = newest["volume"].astype(float)
    if volumes.nunique() == 1:
        return {"broken": f"{sentence}, and one volume, {volumes.iloc[0]:g}: the feed repeats itself"}
    return {"unfit_to_train": f"{sentence}: the market is traded and does not move, or its feed repeats the price"}
