"""What the platform and a project agree on."""
