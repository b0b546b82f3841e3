"""The step inference: the champion of the moment predicts what has no on-time prediction yet."""

from crypto_forecast.loader.model_rows import read_due_rows
from db_handler.connection.database import Connection
from db_handler.rows.frames import upsert_rows
from service.spec import Spec
from service.step import Run
from service.step.answer_rows import answer_rows
from service.step.load_champion import load_champion
from service.step.results import InferenceResult


class CandlesAnswered(InferenceResult):
    """What an inference over candles did."""

    unpredictable: int
    alerts: int


def inference(spec: Spec, run: Run) -> CandlesAnswered:
    """Predict the rows whose target opens at or after the champion's training end, every naive rule beside it."""
    champion = load_champion(run)
    stale = champion.check_age(spec, run.at)

    def predict_due(connection: Connection) -> CandlesAnswered:
        again = champion.fallback is None
        due = read_due_rows(connection, spec, run, since=champion.training_end, again=again)
        shared = ["market", "unit", "target_slot", "slot", "on_time"]
        predicted = due[shared].join(answer_rows(spec, run, champion, due))
        predicted = predicted.dropna(subset=["predicted"])
        upsert_rows(connection, spec.data.predictions, predicted)
        result = CandlesAnswered(
            predicted=len(predicted),
            late=int((~predicted["on_time"]).sum()),
            unpredictable=len(due) - len(predicted),
            alerts=int(predicted["alert"].sum()),
            version=champion.version,
            stale=stale,
        )
        if champion.fallback:
            result["fallback"] = champion.fallback
        return result

    return run.database.retry(predict_due)
