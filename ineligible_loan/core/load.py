"""The step load: applications and the decisions that have come are laid together, one raw row a loan."""

from db_handler.errors import NotYetError
from ineligible_loan.loader.load import count_loans, merge_news
from service.contract.moment import write_at
from service.sources.fill_tables import open_sources
from service.spec import Spec
from service.step import Run
from service.step.results import LoadResult


class LoansResult(LoadResult):
    """What was laid together, and how many loans there are by now."""

    applications: int
    decisions: int
    nothing_new: bool
    known: int
    waiting: int


def load(spec: Spec, run: Run) -> LoansResult:
    """Take what the sources have new; the configs share the tables, so one of them finds it and the others nothing."""
    open_sources(spec, run.database)
    merged = run.database.retry(lambda connection: merge_news(connection, spec, run.at))
    loans = run.database.retry(lambda connection: count_loans(connection, run.at))
    if not loans["known"]:
        raise NotYetError(
            f"{spec.unit} has no applications before {write_at(run.at)} yet, import or generate some first: "
            f"make run p={spec.project} k=import file=..., or k=generate"
        )
    return LoansResult(
        rows=merged["rows"], applications=merged["applications"], decisions=merged["decisions"],
        nothing_new=not merged["rows"], known=loans["known"], waiting=loans["waiting"], until=run.at.isoformat(),
    )  # fmt: skip
