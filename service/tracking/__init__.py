"""MLflow: runs, registered versions, aliases, and models that are what was logged."""
