"""The Spec: all sections of one config."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from service.spec.sections import Data, Features, Inference, Model, Monitoring, Section, Train


@dataclass(frozen=True)
class Spec:
    """All that one config says.

    >>> load_spec("crypto_forecast", "btc").data.market
    'KRW-BTC'
    """

    project: str
    config: str
    data: Data
    features: Features
    model: Model
    train: Train
    inference: Inference
    monitoring: Monitoring
    further: dict[str, Section] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return f"{self.project}.{self.config}"

    @property
    def purge(self) -> timedelta:
        return self.train.purge or self.data.horizon

    @property
    def days_to_alarm(self) -> timedelta:
        """How long a champion has to serve until windows of its own answers can raise an alarm."""
        return self.data.label_delay + self.monitoring.k * timedelta(days=self.monitoring.window_days)

    def explain_alarm(self) -> str:
        """Say in words what the time until an alarm is made of.

        >>> load_spec("credit_score", "customers").explain_alarm()
        '42 (Data.label_delay of 28, and Monitoring.k = 2 windows of window_days = 7)'
        """
        delay, rules = self.data.label_delay, self.monitoring
        windows = f"Monitoring.k = {rules.k} windows of window_days = {rules.window_days}"
        return f"{self.days_to_alarm.days} (Data.label_delay of {delay.days}, and {windows})"

    def with_trial(self, trial: Mapping[str, Any]) -> "Spec":
        """Make a trial of the grid the config's own, so that every later fit follows the same recipe."""
        return replace(self, model=self.model.model_copy(update={**trial, "grid": ()}))

    def recipe(self) -> dict[str, Any]:
        """Say in plain values what determines a fit, besides the rows."""
        return {
            "features": self.features.model_dump(mode="json"),
            "model": self.model.model_dump(mode="json"),
            "train": self.train.model_dump(mode="json", exclude=set(self.train.policy)),
        }

    @property
    def recipe_hash(self) -> str:
        text = json.dumps(self.recipe(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["further"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no section {name!r}") from None
