"""A mistake in a project's files: where it is, and what to do, in one sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake; one that `stops` keeps the project's workflows from running, the others are advice.

    >>> str(Mistake("income/core/load.py", 3, "it has a class; a dict of plain values will do"))
    'income/core/load.py, line 3: it has a class; a dict of plain values will do'
    """

    file: str
    line: int  # 0 where the whole file is meant
    sentence: str
    stops: bool = True

    def __str__(self) -> str:
        if self.sentence.startswith(self.file):
            return self.sentence
        return f"{self.file}, line {self.line}: {self.sentence}" if self.line else f"{self.file}: {self.sentence}"


def advise(file: str, line: int, sentence: str) -> Mistake:
    """Make a mistake that stops nothing."""
    return Mistake(file, line, sentence, stops=False)
