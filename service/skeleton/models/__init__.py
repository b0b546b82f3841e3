"""Other models than CatBoost that a new project may start from: its trainer, and the keys in its config."""
