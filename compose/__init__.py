"""What the stack's containers need, and the launcher that brings the platform up."""
