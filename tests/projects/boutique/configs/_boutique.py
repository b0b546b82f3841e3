"""What the boutique's configs share: orders without a number of their own, and whether they came back."""

from datetime import timedelta

from db_handler.tables.table import Table
from service import spec
from service.spec import Sources
from service.spec.outcome_tables import performance_table, predictions_table

KEY = {"id": "text(32)", "at": "time"}
ANSWERS = {"config": "text(63)", **KEY}
ORDERS = Table(
    name="boutique_orders",
    columns={"id": "text(32)", "ordered_at": "time", "article": "text(16)", "price": "text(64)", "note": "text(64)"},
    key=("id",),
)
RETURNS = Table(
    name="boutique_returns",
    columns={"id": "text(32)", "known_at": "time", "returned": "text(16)"},
    key=("id",),
)


class Data(spec.Data):
    horizon = timedelta(days=1)
    slot = target_slot = "at"
    label_delay = timedelta(days=14)
    sources = Sources(
        tables=(ORDERS, RETURNS),
        columns={
            "Article": "boutique_orders.article",
            "Price": "boutique_orders.price",
            "Note": "boutique_orders.note",
            "Returned": "boutique_returns.returned",
        },
        required=("Article", "Price"),
        dropped=("Name", "E-mail"),
        made_id=("boutique_orders.id", "boutique_returns.id"),
        date="Ordered",
        dated={"boutique_orders": "ordered_at"},
        labelled={"boutique_returns": "known_at"},
        label=("Returned",),
    )
    raw = ORDERS
    features = Table(name="boutique_features", columns={**KEY, "price": "float", "target": "float"}, key=tuple(KEY))
    predictions = predictions_table("boutique_predictions", key=ANSWERS, rules=(), further={})
    performance = performance_table("boutique_performance", key=ANSWERS, rules=(), further={})


class Features(spec.Features):
    columns = ("price",)


class Monitoring(spec.Monitoring):
    baseline = "rule_prior"
