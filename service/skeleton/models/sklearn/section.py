"""The model's section of a config."""

from service.skeleton.models.sklearn._model import LineModel


class Model(LineModel):
    """A line; each entry of the grid is a trial."""

    grid = ({"alpha": 1.0}, {"alpha": 30.0})
