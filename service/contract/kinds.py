"""The four workflows and their steps, in order."""

PERSON = "person"  # the default cause
TABULAR_STEPS = ("train", "evaluate", "inference")  # a project without a file for one has that of service.tabular.steps

KINDS: dict[str, tuple[str, ...]] = {
    "data": ("load", "preprocess", "check"),
    "train": ("train", "evaluate", "promote"),
    "inference": ("inference", "score"),
    "monitoring": ("monitor",),
}
