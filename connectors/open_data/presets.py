"""What is known of each open data set: its address, its fields in our names, its traps, and whom to name.

A forecast of the operator stands beside the load it is about. It is a benchmark, and it was published at a time of
its own: as a known covariate it tells a backtest more than was known, unless the cutoff lies after that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connectors.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping


class Variable(NamedTuple):
    """A field as we keep it.

    Attributes:
        name: Our name.
        unit: Its unit.
        forecast: When the operator published it, if it is a forecast of his.
    """

    name: str
    unit: str
    forecast: str = ""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A data set of an Opendatasoft portal.

    Attributes:
        title: What it is.
        base_url: Address of the portal.
        dataset: Its name there.
        time: Field of the instants, each the START of its step.
        variable_map: The other fields, in our names; the first is the load.
        step: Step of the load.
        time_zone: Zone of the local calendar.
        series: What its series is called, when there is but one.
        items: Fields that tell several series apart.
        clock: Field of the local clock, to tell which of two rows at one instant is right.
        revision: Field that says how final a row is.
        revisions: Its values, the most final first.
        where: Rows to ask for.
        days: Days to ask for at a time.
        key: Variable of the environment with a key of the portal; most calls need none.
        licence: Licence of the data.
        attribution: Whom to name wherever the data are shown.
    """

    title: str
    base_url: str
    dataset: str
    time: str
    variable_map: Mapping[str, Variable]
    step: str
    time_zone: str
    series: str
    items: tuple[str, ...] = ()
    clock: str | None = None
    revision: str | None = None
    revisions: tuple[str, ...] = ()
    where: str | None = None
    days: int = 366
    key: str
    licence: str
    attribution: str

    @property
    def target(self) -> Variable:
        """The load."""
        return next(iter(self.variable_map.values()))

    @property
    def fields(self) -> list[str]:
        """The fields to ask for."""
        beside = [field for field in (self.clock, self.revision) if field is not None]
        return [self.time, *self.items, *beside, *self.variable_map]


_ECO2MIX = {
    "consommation": Variable("load", "MW"),
    "prevision_j1": Variable("load_forecast_day_ahead", "MW", "the day before"),
    "prevision_j": Variable("load_forecast_intraday", "MW", "on the day itself"),
}
_LICENCE_OUVERTE = "Licence Ouverte 2.0"

PRESETS: Registry[Preset] = Registry("open data set")

PRESETS.add(
    "rte-eco2mix",
    Preset(
        title="éCO2mix, real time",
        base_url="https://odre.opendatasoft.com",
        dataset="eco2mix-national-tr",
        time="date_heure",
        variable_map=_ECO2MIX,
        step="15min",
        time_zone="Europe/Paris",
        series="France",
        clock="heure",
        revision="nature",
        revisions=("Données définitives", "Données consolidées", "Données temps réel"),
        key="HOURCAST_ODRE_KEY",
        licence=_LICENCE_OUVERTE,
        attribution="RTE, éCO2mix (ODRÉ)",
    ),
)
PRESETS.add(
    "rte-eco2mix-consolidated",
    Preset(
        title="éCO2mix, consolidated and final",
        base_url="https://odre.opendatasoft.com",
        dataset="eco2mix-national-cons-def",
        time="date_heure",
        variable_map=_ECO2MIX,
        step="30min",  # the forecasts stand every 15 minutes, the load every 30
        time_zone="Europe/Paris",
        series="France",
        clock="heure",
        revision="nature",
        revisions=("Données définitives", "Données consolidées", "Données temps réel"),
        key="HOURCAST_ODRE_KEY",
        licence=_LICENCE_OUVERTE,
        attribution="RTE, éCO2mix (ODRÉ)",
    ),
)
PRESETS.add(
    "elia-load",
    Preset(
        title="Elia, total load",
        base_url="https://opendata.elia.be",
        dataset="ods001",
        time="datetime",
        variable_map={
            "totalload": Variable("load", "MW"),
            "dayaheadforecast": Variable("load_forecast_day_ahead", "MW", "the day before"),
            "mostrecentforecast": Variable("load_forecast_latest", "MW", "up to the hour itself"),
        },
        step="15min",
        time_zone="Europe/Brussels",
        series="Belgium",
        key="HOURCAST_ELIA_KEY",
        licence="CC BY 4.0",
        attribution="Elia",
    ),
)
PRESETS.add(
    "enedis-regions",
    Preset(
        title="Enedis, connections up to 36 kVA by region and profile",
        base_url="https://opendata.enedis.fr",
        dataset="conso-inf36-region",
        time="horodate",
        variable_map={
            "total_energie_soutiree_wh": Variable("energy", "Wh"),
            "nb_points_soutirage": Variable("connections", "1"),
        },
        step="30min",
        time_zone="Europe/Paris",
        series="France",
        items=("region", "profil"),
        where='startswith(plage_de_puissance_souscrite, "P0")',  # the total over the ranges of power
        days=31,
        key="HOURCAST_ENEDIS_KEY",
        licence=_LICENCE_OUVERTE,
        attribution="Enedis",
    ),
)
