"""Load that grid operators publish, with their own forecasts beside it."""
