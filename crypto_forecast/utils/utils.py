"""The binding of this project to service.spec."""

from service.spec import Spec
from service.spec.load_spec import load_spec


def load_spec_from_config(config: str) -> Spec:
    """Read a config and register every class of its file.

    >>> load_spec_from_config("btc").data.market
    'KRW-BTC'
    """
    return load_spec("crypto_forecast", config)
