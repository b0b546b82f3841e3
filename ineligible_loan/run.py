"""The project's command line: `python -m ineligible_loan.run <kind>`."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("ineligible_loan")
