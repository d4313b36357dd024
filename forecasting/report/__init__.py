"""The page that explains a forecast: measured numbers, sentences built from them by rules, and pictures."""
