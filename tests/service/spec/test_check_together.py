"""Sections of a config that do not fit together are one sentence, before anything runs."""

from dataclasses import replace
from typing import Any

import pytest

from db_handler.errors import UsageError
from service.spec.check_together import check_together
from service.spec.load_spec import load_spec

HERE = "visits/configs/shop.py, class "


@pytest.mark.parametrize("names", [("toy", "a"), ("visits", "shop"), ("income", "adult"), ("crypto_forecast", "btc")])
def test_what_fits_is_let_through(names: tuple[str, str]) -> None:
    check_together(load_spec(*names))


@pytest.mark.parametrize(
    ("section", "changed", "says"),
    [
        ("features", {"columns": ("pagess",)},
         "Features, key columns: the table visits_features has no column 'pagess', did you mean pages?"),
        ("features", {"categories": ()}, "Features, key columns: 'source' is text: name it in categories, too"),
        ("features", {"columns": ("pages", "came_at")}, "Features, key columns: 'came_at' is a time: derive numbers"),
        ("monitoring", {"baseline": "rule_priro"},
         "Monitoring, key baseline: there is no naive rule 'rule_priro', did you mean rule_prior? The rules are"),
        ("data", {"label_at": "labelled"}, "Data, key label_at: the table visits_features has no column 'labelled'"),
        ("data", {"rules": ("rule_prior", "rule_magic")},
         "Data, key predictions: the table visits_predictions has no column 'rule_magic_no'"),
        ("monitoring", {"rescore_days": 1}, "Monitoring, key rescore_days: labels come after "),
        ("data", {"classes": ("yes",)}, "Data, key classes: name two classes or more, each once"),
        ("data", {"classes": ("yes", "yes")}, "Data, key classes: name two classes or more, each once"),
        ("data", {"classes": ("no", "perhaps")},
         "Data, key predictions: the table visits_predictions has no column 'predicted_perhaps'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(section: str, changed: dict[str, Any], says: str) -> None:
    spec = load_spec("visits", "shop")
    spec = replace(spec, **{section: getattr(spec, section).model_copy(update=changed)})
    with pytest.raises(UsageError) as caught:
        check_together(spec)
    assert f"{HERE}{says}" in str(caught.value)
