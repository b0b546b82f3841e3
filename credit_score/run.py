"""The project's one door: `python -m credit_score.run <kind>`."""

from service.command_line import main

if __name__ == "__main__":
    main("credit_score")
