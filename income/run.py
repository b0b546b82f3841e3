"""The project's command line: `python -m income.run <kind>`."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("income")
