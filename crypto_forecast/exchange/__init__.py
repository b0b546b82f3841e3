"""The exchange: a client for Upbit, and a stand-in server for tests and the demo."""
