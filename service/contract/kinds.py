"""The four workflows and their steps, in order, and the verbs beside them."""

PERSON = "person"  # the default cause
CLOCK = "clock"  # the cause of what a schedule calls for
TABULAR_STEPS = ("train", "evaluate", "inference")  # a project without a file for one has that of service.tabular.steps

KINDS: dict[str, tuple[str, ...]] = {
    "data": ("load", "preprocess", "check"),
    "train": ("train", "evaluate", "promote"),
    "inference": ("inference", "score"),
    "monitoring": ("monitor",),
}

VERBS = {
    "promote": "let the newest trained version face the gate because a person asks",
    "rollback": "put the previous champion back, at once",
    "resume": "let a unit that asked for a person retrain by itself again",
    "import": "read a CSV file into the project's source tables, as often as you like (--file)",
    "generate": "fill them with practice data, day by day (--from --to, --drift for a change)",
    "plan": "say which champion serves each config, and which one needs a training first",
    "announce": "tell what the step monitor found at --at, and name the trainings that it calls for",
}
