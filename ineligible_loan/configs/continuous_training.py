"""Step two, continuous training: a new challenger every month, which goes live when a person says so."""

from ineligible_loan.configs import _loan


class Data(_loan.Data):
    """Its name in the tables that the configs share."""

    config = "continuous_training"


class Train(_loan.Train):
    """Its challenger faces the same gate; the last word is a person's, by the verb promote."""

    renew = "clock"
    promote = "person"
