"""The one derived column: how far somebody went to school, by the code book of Adult."""

from collections import Counter
from math import isnan

from service.contract.one_value import Column, count_dirt, each

# education-num says the same as education, in an order that a tree can cut anywhere.
DEGREES = (
    *("Preschool", "1st-4th", "5th-6th", "7th-8th", "9th", "10th", "11th", "12th", "HS-grad", "Some-college"),
    *("Assoc-voc", "Assoc-acdm", "Bachelors", "Masters", "Prof-school", "Doctorate"),
)


RANKS = {name: float(place) for place, name in enumerate(DEGREES, 1)}


def rank_education(names: Column, numbers: Column, counts: Counter[str]) -> Column:
    """Take the number of the named degree; the number that was given stands in where no degree is known.

    >>> names, numbers = pd.Series(["Bachelors", "Night school", None]), pd.Series([9.0, 11.0, 4.0])
    >>> rank_education(names, numbers, counts := Counter()).tolist(), dict(counts)
    ([13.0, 11.0, 4.0], {'education_num: not that of education': 1})
    """
    ranks: Column = each(RANKS.get, names, numbers)
    differing = each(lambda rank, number: not isnan(number) and rank != number, ranks, numbers)
    count_dirt(counts, "education_num: not that of education", differing)
    return ranks
