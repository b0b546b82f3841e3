"""Step three, continuous deployment: a new model every month that goes live by itself if the evidence allows."""

from ineligible_loan.configs import _loan


class Train(_loan.Train):
    """The batch after its promotion is the first that it predicts."""

    renew = "clock"
    promote = "evidence"
