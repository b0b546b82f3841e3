"""The project's one door: `python -m income.run <kind>`."""

from service.command_line import main

if __name__ == "__main__":
    main("income")
