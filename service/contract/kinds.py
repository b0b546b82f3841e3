"""The four workflows and their steps, in order."""

PERSON = "person"  # the default cause

KINDS: dict[str, tuple[str, ...]] = {
    "data": ("load", "preprocess", "check"),
    "train": ("train", "evaluate", "promote"),
    "inference": ("inference", "score"),
    "monitoring": ("monitor",),
}
