"""The project's one door: `python -m crypto_forecast.run <kind>`."""

from service.cli.run_command import main

if __name__ == "__main__":
    main("crypto_forecast")
