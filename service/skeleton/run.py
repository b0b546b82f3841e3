"""The project's one door: `python -m service.skeleton.run <kind>`."""

from service.command_line import main

if __name__ == "__main__":
    main("skeleton")
