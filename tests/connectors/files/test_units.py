"""The unit is read from the header when the header says it."""

import pytest

from connectors.files.units import unit_of


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
