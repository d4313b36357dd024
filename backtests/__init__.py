"""The judge: the task, the view of what was known, windows, metrics, and the protocol of a forecaster."""
