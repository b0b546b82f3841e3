"""What a training leaves: a model, its evidence, and the history of trainings."""
