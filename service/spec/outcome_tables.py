"""The tables of predictions, of performance and of shadows: the platform's columns around a project's own."""

from db_handler.tables.table import Table

Columns = dict[str, str]
LONGEST_NAME = 56  # of a table that another is named after


def predictions_table(
    name: str, *, key: Columns, rules: tuple[str, ...], further: Columns, classes: tuple[str, ...] = ()
) -> Table:
    """Compose the table that inference fills: one row a target, with every rule's prediction beside the model's.

    Of classes each prediction is a column a class; `predicted` alone is then the code of the likeliest one. `fallback`
    names what answered in the champion's place, and is empty for its own answers.
    """
    columns = {"at": "time", "on_time": "boolean", "version": "integer", "fallback": "text(63)", "predicted": "float"}
    odds = [f"{name}_{label}" for name in ("predicted", *rules) for label in classes]
    columns |= {**further, **dict.fromkeys(odds or rules, "float")}
    return Table(name=name, columns={**key, **columns}, key=tuple(key))


def performance_table(name: str, *, key: Columns, rules: tuple[str, ...], further: Columns) -> Table:
    """Compose the table of matured predictions: one row a target, live, late, void or by a fallback."""
    columns = {"at": "time", "version": "integer", "state": "text(8)", "truth": "float", "loss": "float"}
    losses = {"baseline_loss": "float", **{f"{rule}_loss": "float" for rule in rules}}
    return Table(
        name=name,
        columns={**key, **further, **columns, **losses, "covered": "boolean", "scored_at": "time"},
        key=tuple(key),
        unwatched=("scored_at",),  # the same score at a later moment is the same score
    )


def shadow_table(predictions: Table, classes: tuple[str, ...]) -> Table:
    """Compose the table of what a dethroned champion says of rows that another answers; nobody is served from it."""
    answers = [f"predicted_{label}" for label in classes] or ["predicted"]
    columns = {name: predictions.columns[name] for name in predictions.key} | {"version": "integer"}
    return Table(
        name=f"{predictions.name[:LONGEST_NAME]}_shadow",
        columns={**columns, **dict.fromkeys(answers, "float")},
        key=(*predictions.key, "version"),
    )
