"""A place on the command line: by name, coordinates or station."""

from __future__ import annotations

from pathlib import Path

import meteostat as package
import pytest

from connectors.errors import ConfigError
from forecasting.options import _place

DATA = Path(__file__).resolve().parent.parent / "data" / "weather"


def test_a_place_is_said_by_name_coordinates_or_station(loopback, monkeypatch, tmp_path):
    loopback.folder = DATA
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    monkeypatch.setenv("HOURCAST_HOME", str(tmp_path))
    assert _place(None) is None
    assert _place("Frankfurt") == (50.116, 8.684)
    assert _place("50.05, 8.6") == (50.05, 8.6)
    assert not loopback.requests
    assert _place("station:10637") == (50.05, 8.6)
    with pytest.raises(ConfigError, match=r"--place Frankfrut.*Did you mean"):
        _place("Frankfrut")
