"""Pure numbers: no I/O, no spec."""
