"""Real meter readings that come with the package, to see the whole road without a file of one's own."""

from pathlib import Path

#: How the demo forecasts them: the options a user would give.
ARGUMENTS = (
    "--target", "Active power (kW)", "--horizon", "48", "--country", "IT", "--time-zone", "Europe/Rome",
    "--weather", "Outdoor temperature (C)",
)  # fmt: skip


def readings_file() -> Path:
    """The file of readings; its source and licence lie beside it."""
    return Path(__file__).parent / "campus.csv.gz"
