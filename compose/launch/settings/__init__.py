"""Settings, secrets and ports of the stack."""
