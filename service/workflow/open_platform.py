"""What a command opens: a project's platform, and the moment that it is for."""

from collections.abc import Sequence
from datetime import datetime

from db_handler.clock import VirtualClock, WallClock
from db_handler.errors import UsageError
from db_handler.ledger.runs import find_result
from db_handler.ledger.virtual_now import move_virtual_now, open_clock, read_virtual_end
from db_handler.open_database import open_database
from db_handler.tables.ensure_table import ensure_table
from messenger.send import open_messenger
from service.contract.kinds import KINDS, PERSON
from service.contract.moment import write_at
from service.contract.project import Project
from service.spec import Spec
from service.spec.load_spec import list_configs, load_fitting_spec, refuse_shared_answers
from service.step.platform import Platform


def open_platform(project: str, asked: Sequence[str] = ()) -> Platform:
    """Open the platform for a project; configs that are not asked for may be broken, they are only told of."""
    specs = _load_specs(project, asked)
    database = open_database()
    for spec in specs.values():
        for table in spec.data.tables:
            ensure_table(database, table)
    clock = open_clock(database)
    return Platform(Project(project), specs, database, clock, open_messenger(database))


def find_newest_at(platform: Platform, kind: str, step: str, configs: Sequence[str]) -> datetime | None:
    """Find the newest moment at which the step before `step` is done for all of the configs."""
    before = KINDS[kind].index(step) - 1
    if before < 0:
        return None
    with platform.database.begin(writing=False) as connection:
        rows = [
            find_result(connection, project=platform.project.name, config=config, step=KINDS[kind][before])
            for config in configs or platform.specs
        ]
    return min((row.at for row in rows if row is not None), default=None)


def find_causes(
    platform: Platform, kind: str, step: str | None, configs: Sequence[str], at: datetime
) -> dict[str, str]:
    """Find what called for the step before, so that a step that is run alone goes on with its work."""
    before = KINDS[kind].index(step) - 1 if step else -1
    if before < 0:
        return dict.fromkeys(configs, PERSON)
    with platform.database.begin(writing=False) as connection:
        rows = {
            config: find_result(
                connection, project=platform.project.name, config=config, step=KINDS[kind][before], at=at
            )
            for config in configs
        }
    return {config: row.cause if row else PERSON for config, row in rows.items()}


def move_now(platform: Platform, now: datetime, at: datetime) -> datetime:
    """Answer with the now that belongs to `at`: a virtual one moves forward to it, until its world or today ends."""
    if not isinstance(platform.clock, VirtualClock):
        _refuse_future(platform, now, at)
        return now
    with platform.database.begin(writing=False) as connection:
        end = read_virtual_end(connection)
    if end is None:
        _refuse_future(platform, WallClock().now(), at)
    elif at > end:
        raise UsageError(f"--at {write_at(at)} is beyond {write_at(end)}, where the candles of this virtual world end")
    platform.database.retry(lambda connection: move_virtual_now(connection, at))
    platform.clock.move_to(at)
    return platform.clock.now()


def _refuse_future(platform: Platform, today: datetime, at: datetime) -> None:
    horizon = next(iter(platform.specs.values())).data.horizon
    if at > today + horizon:
        raise UsageError(f"--at {write_at(at)} is in the future: it is {write_at(today)}")


def _load_specs(project: str, asked: Sequence[str]) -> dict[str, Spec]:
    specs: dict[str, Spec] = {}
    configs = dict.fromkeys([*list_configs(project), *asked])
    if not configs:
        raise UsageError(f"{project} has no configs yet: add a file to {project}/configs, such as my_first.py")
    for config in configs:
        try:
            specs[config] = load_fitting_spec(project, config)
        except UsageError:
            if not asked or config in asked:
                raise
    refuse_shared_answers(specs.values())
    return specs
