"""The project's command line: `python -m crypto_forecast.run <kind>`."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("crypto_forecast")
