"""The first series."""

from toy.configs import _toy


class Data(_toy.Data):
    series = "a"
