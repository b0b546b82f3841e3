"""The stand-in for the exchange: a server over real candles, with faults that can be switched on."""
