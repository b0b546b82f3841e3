"""Forecasts how wide the next four-hour candle of a market on Upbit will be."""
