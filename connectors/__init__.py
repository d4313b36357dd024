"""Data in, forecasts out, and the contract of the tables between them."""
