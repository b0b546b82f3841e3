"""The script that MLflow logs with every model: its folder, verified, behind the project's predict_rows."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel

from service.contract.project import Project
from service.tracking.artifact import read_model


class QuartetModel(PythonModel):
    """A model of any project."""

    def load_context(self, context: Any) -> None:
        self.model = read_model(Path(context.artifacts["model"]))
        self.project = Project(context.model_config["project"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        predictions: pd.DataFrame = self.project.predict_rows(self.model, model_input)
        return predictions


mlflow.models.set_model(QuartetModel())
