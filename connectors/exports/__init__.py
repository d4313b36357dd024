"""Forecasts out: one table with one vocabulary, as the files BI tools read."""
