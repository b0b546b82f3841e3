"""Ether in won: only what differs from the other coins."""

from crypto_forecast.configs import _crypto


class Data(_crypto.Data):
    """The market of this config."""

    market = "KRW-ETH"
