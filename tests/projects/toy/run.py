"""The toy's door."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("toy")
