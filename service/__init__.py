"""What a model needs once it exists, and how a step is run."""
