"""The command line of the visits."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("visits")
