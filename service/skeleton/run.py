"""The project's command line: `python -m service.skeleton.run <kind>`."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("skeleton")
