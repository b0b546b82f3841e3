"""A command carried out: the platform opened, each config taken through the steps of a kind."""
