"""The model's section of a config."""

from service.skeleton.models.lightgbm._model import TreesModel


class Model(TreesModel):
    """LightGBM; each entry of the grid is a trial."""

    grid = ({"leaves": 7}, {"leaves": 15})
