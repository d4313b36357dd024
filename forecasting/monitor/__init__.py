"""How forecasts turned out, beside what the backtest promised."""
