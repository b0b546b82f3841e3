"""What goes wrong in a run of the soak, drawn from its seed before the run begins."""

import random
from dataclasses import dataclass

MOMENTS = 60
SHARE = 0.45  # of moments with a fault
CALM = 6  # moments at the end without any
WEIGHTS = {
    "kill": 6,  # SIGKILL
    "stop": 4,  # SIGTERM
    "restart": 1,  # all processes of the world
    "locked": 2,  # the database is kept by another process for a second
    "busy": 1,  # ... for longer than is waited
    "mlflow_locked": 1,
}
REFUSALS = ("429:1", "429:3", "500", "cut", "service_unavailable", "invalid_auth")
AGAIN = 0.3  # how likely the next try has a fault, too
TRIES_WITH_FAULTS = 3


@dataclass(frozen=True)
class Fault:
    """One fault of one try of a command: where in its course, and how long after that in seconds."""

    what: str
    where: float  # the share of its acts
    after: float = 0.0

    def __str__(self) -> str:
        return f"{self.what} at {self.where:.3f}{f' + {self.after:.2f} s' if self.after else ''}"


@dataclass(frozen=True)
class Trouble:
    """The faults of a moment: in which of its commands, one a try; and those of the training that it may call for."""

    by_steps: bool  # each step a process of its own, as Airflow has it; else whole kinds
    command: float  # which of the moment's commands
    faults: tuple[Fault, ...]
    training: tuple[tuple[Fault, ...], ...]  # of train, evaluate, promote
    refusals: tuple[str, ...]  # what Slack answers with before it takes a message again


def draw_troubles(seed: int) -> list[Trouble]:
    draws = random.Random(seed)
    return [draw_trouble(draws, calm=moment >= MOMENTS - CALM) for moment in range(MOMENTS)]


def draw_trouble(draws: random.Random, *, calm: bool) -> Trouble:
    trouble = Trouble(
        by_steps=draws.random() < 0.5,
        command=draws.random(),
        faults=draw_faults(draws) if draws.random() < SHARE else (),
        training=tuple(draw_faults(draws) if draws.random() < 0.9 else () for _ in range(3)),
        refusals=tuple(draws.choices(REFUSALS, k=draws.randint(1, 3))) if draws.random() < 0.3 else (),
    )
    return Trouble(trouble.by_steps, trouble.command, (), ((), (), ()), ()) if calm else trouble


def draw_faults(draws: random.Random) -> tuple[Fault, ...]:
    faults = [draw_fault(draws)]
    while len(faults) < TRIES_WITH_FAULTS and draws.random() < AGAIN:
        faults.append(draw_fault(draws))
    return tuple(faults)


def draw_fault(draws: random.Random, *further: str) -> Fault:
    """Draw one of the faults of every world, or a further one of a world's own."""
    weights = WEIGHTS | dict.fromkeys(further, 1)
    (what,) = draws.choices([*weights], [*weights.values()])
    return Fault(what, draws.random(), draws.choice((0.0, draws.uniform(0, 0.3))))
