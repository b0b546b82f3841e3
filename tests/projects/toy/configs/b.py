"""The second series, which a person promotes and which is trained once."""

from toy.configs import _toy


class Data(_toy.Data):
    series = "b"


class Train(_toy.Train):
    promote = "person"
    renew = "once"
