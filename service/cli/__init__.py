"""The command line: arguments are read and one command is started."""
