"""The record of runs: what was forecast, from what, by which model, and how it went."""
