"""What is typed: arguments read, and one command set going."""
