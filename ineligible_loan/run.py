"""The project's one door: `python -m ineligible_loan.run <kind>`."""

from service.command_line import main

if __name__ == "__main__":
    main("ineligible_loan")
