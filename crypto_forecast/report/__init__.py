"""The page that tells what the loop did, with plots: `write_report`."""

from crypto_forecast.report.write_report import write_report

__all__ = ["write_report"]
