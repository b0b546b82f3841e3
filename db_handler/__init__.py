"""All SQL of the platform: engine, tables, frames in and out, the ledger."""
