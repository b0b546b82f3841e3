"""Step one, batch prediction with a fixed model: it learns once, from all that was decided so far."""

from ineligible_loan.configs import _loan


class Train(_loan.Train):
    """The clock leaves out what serves already; a person, or monitoring, can still call for another."""

    renew = "once"
    months = None
    evidence_days = 180  # it is judged once, so on as much as there is
    max_age_days = 3650  # fixed means that age alone calls for nothing
