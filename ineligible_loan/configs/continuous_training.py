"""Step two, continuous training: a new challenger every month, which goes live when a person says so."""

from ineligible_loan.configs import _loan


class Train(_loan.Train):
    """Its challenger faces the same gate; the last word is a person's, by the verb promote."""

    renew = "clock"
    promote = "person"
