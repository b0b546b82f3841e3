"""How an object of a library becomes one file of a model and comes back: one module a format, none holds code."""
