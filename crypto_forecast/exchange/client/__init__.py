"""The client of the exchange: pages of candles within one limit for all processes."""
