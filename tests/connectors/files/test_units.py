"""The unit is read from the header when the header says it."""

import pytest

from connectors.files.durations import duration
from connectors.files.units import is_amount, unit_of


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Consommation (kWh)", "kWh"),
        ("Valeur (en kWh)", "kWh"),
        ("Active power [kW]", "kW"),
        ("Puissance moyenne (W)", "W"),
        ("load_mw", "MW"),
        ("power.w", "W"),
        ("Load MW", "MW"),
        ("kWh", "kWh"),
        ("Gas (m3/h)", "m3/h"),
        ("price (EUR/MWh)", "EUR/MWh"),
        ("Load (MW) (net)", "MW"),
        ("Cost (EUR) of energy (MWh)", "MWh"),
        ("Load (total)", None),
        ("load", None),
        ("series_t", None),
        ("space bar", None),
        ("TOTALDEMAND", None),
        ("", None),
    ],
)
def test_the_unit_of_a_header(header, unit):
    assert unit_of(header) == unit


@pytest.mark.parametrize(
    ("unit", "added"),
    [("Wh", True), ("kWh", True), ("MWh", True), ("kvarh", True), ("VAh", True), ("m3", True), ("GJ", True),
     ("W", False), ("MW", False), ("VA", False), ("var", False), ("EUR/MWh", False), ("g/kWh", False),
     ("km/h", False), ("°C", False), ("", False)],
)  # fmt: skip
def test_amounts_are_added_up_and_flows_averaged(unit, added):
    assert is_amount(unit) == added


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("PT30M", 30), ("PT1H", 60), ("PT60M", 60), ("P1D", 1440), ("P1DT1H", 1500), ("pt5m", 5), ("PT900S", 15),
     ("30", 0), ("", 0), ("P1M", 0), ("PT-5M", 0)],
)  # fmt: skip
def test_lengths_as_iso_8601_writes_them(text, minutes):
    assert duration(text) == minutes * 60 * 10**9
