"""The unit a header names: "Consommation (kWh)", "load_mw", "Valeur (en kWh)"."""

from __future__ import annotations

import re

_UNITS = (
    "W", "kW", "MW", "GW", "TW", "Wh", "kWh", "MWh", "GWh", "TWh", "VA", "kVA", "MVA", "var", "kvar", "Mvar",
    "varh", "kvarh", "A", "V", "kV", "J", "kJ", "MJ", "GJ", "PJ", "kcal", "BTU", "MMBTU", "therm", "K", "°C", "°F",
    "C", "F", "%", "m3", "m³", "Nm3", "Nm³", "m3/h", "m³/h", "l", "l/s", "l/h", "l/min", "kg", "kg/h", "t", "t/h",
    "m/s", "km/h", "mm", "hPa", "mbar", "bar", "Pa", "kPa", "W/m2", "W/m²", "J/m2", "ppm", "€", "EUR", "USD", "$",
    "€/MWh", "EUR/MWh", "USD/MWh", "€/kWh", "EUR/kWh", "gCO2/kWh", "g/kWh", "kg/MWh", "tCO2",
)  # fmt: skip
_BY_NAME = {unit.casefold(): unit for unit in _UNITS}
#: At the end of a name, without brackets, a letter alone is no unit but the watt.
_AS_SUFFIX = {name: unit for name, unit in _BY_NAME.items() if (len(name) > 1 and name.isalpha()) or name == "w"}
#: Characters at the end of a header in which a unit is looked for.
_LONGEST = 80
_NO_SUFFIX = {"bar", "therm", "var"}
_BRACKETS = re.compile(r"[(\[]\s*(?:en\s+|in\s+)?([^()\[\]]+?)\s*[)\]]", re.IGNORECASE)

#: Amounts, which are added up over a longer time; what flows, such as power, is averaged.
_AMOUNTS = {
    "j", "kj", "mj", "gj", "pj", "kcal", "btu", "mmbtu", "therm", "m3", "m³", "nm3", "nm³", "ft3", "l", "kg", "t",
    "tco2",
}  # fmt: skip


def is_amount(unit: str) -> bool:
    """Whether values of a unit are added up over a longer time, as energy is, or averaged, as power is.

    Example:
        >>> is_amount("kWh"), is_amount("kW"), is_amount("EUR/MWh")
        (True, False, False)
    """
    name = unit.casefold()
    return name in _AMOUNTS or (name.endswith(("wh", "varh", "vah")) and "/" not in name)


def is_unit(text: str) -> bool:
    """Whether a text is the name of a unit, such as kWh."""
    # A letter alone may be a flag: capitals count there.
    return text in _UNITS or (len(text) > 1 and text.casefold() in _BY_NAME)


def unit_of(header: str) -> str | None:
    """The unit in a header, None when it names none.

    Example:
        >>> unit_of("Consommation (kWh)"), unit_of("load_mw"), unit_of("Active power [kW]"), unit_of("load")
        ('kWh', 'MW', 'kW', None)
    """
    header = header[-_LONGEST:]
    for inside in reversed(_BRACKETS.findall(header)):
        if inside.casefold() in _BY_NAME:
            return _BY_NAME[inside.casefold()]
    last = re.split(r"[\s_.\-]+", header.strip())[-1].casefold()
    return None if last in _NO_SUFFIX and last != header.strip().casefold() else _AS_SUFFIX.get(last)
