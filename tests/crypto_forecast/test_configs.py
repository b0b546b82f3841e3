"""The configs of crypto_forecast, and their binding to service.spec."""

import pytest

from crypto_forecast.utils.utils import load_spec_from_config
from db_handler.errors import UsageError
from service.spec.load_spec import list_configs


def test_each_config_names_its_market_and_learns_from_all() -> None:
    specs = [load_spec_from_config(config) for config in list_configs("crypto_forecast")]
    assert [spec.config for spec in specs] == ["ada", "btc", "eth"]
    markets = [spec.data.market for spec in specs]
    assert all(set(spec.train.markets) == set(markets) for spec in specs)
    assert len({spec.recipe_hash for spec in specs}) == 1


def test_tables_hold_what_the_contract_says() -> None:
    data = load_spec_from_config("btc").data
    assert data.where == {"market": "KRW-BTC", "unit": 240}
    assert data.predictions.key == data.performance.key == ("market", "unit", "target_slot")
    assert {"predicted", "version", "on_time", *data.rules} <= data.predictions.columns.keys()
    assert {f"{rule}_loss" for rule in data.rules} <= data.performance.columns.keys()
    assert data.features.columns["target"] == "float"


def test_an_unknown_coin_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="ada, btc, eth"):
        load_spec_from_config("dogecoin")
