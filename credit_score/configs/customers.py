"""Customers of a bank: what is known of them today, and the credit score that they turn out to have weeks later."""

from credit_score.configs import _credit
from service import spec
from service.tabular.booster import BoosterModel


class Data(_credit.Data):
    """As credit_score has it."""


class Features(_credit.Features):
    """As credit_score has it."""


class Model(BoosterModel):
    """CatBoost on scaled numbers and on categories as they are."""

    iterations = 100
    depth = 4
    learning_rate = 0.12
    grid = (
        {"depth": 3, "learning_rate": 0.08},
        {"depth": 3, "learning_rate": 0.15},
        {"depth": 5, "learning_rate": 0.08},
        {"depth": 5, "learning_rate": 0.15},
    )


class Train(spec.Train):
    """A first champion after four months: three of evidence, a third of which still waits for its labels."""

    evidence_days = 90
    min_rows = 1000
    margin = 0.001  # a champion is judged by labels that take a month: it goes for what is better, not for what is new
    max_age_days = 365


class Inference(spec.Inference):
    """As the platform has it."""


class Monitoring(spec.Monitoring):
    """Weekly windows against the shares of the classes, which a change of the world leaves as they are."""

    baseline = "rule_prior"
