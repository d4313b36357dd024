"""Users' files and DataFrames: whatever they look like, in; one regular shape, out."""
