"""What other seasons expect is among the regressors where asked for, each with the part it belongs to."""

from __future__ import annotations

import numpy as np

from features.deviation import Deviation, Rows, Shape
from tests.contracts.series import view


def test_the_other_season_is_told_by_its_profile_and_its_last_reading():
    seen = view()
    past = seen.past_at(seen.last)
    origins = np.array([past.cutoff - 200, past.cutoff])
    plain, blended = (
        Rows(Deviation(past, Shape(period=168, weather=False, blend=blend), {}), origins) for blend in (False, True)
    )
    steps = np.array([5])
    base = plain.base(steps)
    (made,) = blended.regressors(steps, base)
    assert np.array_equal(made[..., :-2], plain.regressors(steps, base)[0])
    yesterday = past.readings[0, origins + 5 - 24]
    assert np.allclose(made[0, :, -1], np.nan_to_num(yesterday - base[0, 0]))
    profile = made[0, :, -2] + base[0, 0]
    days = np.stack([past.readings[0, origins + 5 - 24 * k] for k in range(1, 15)])
    assert ((profile > np.nanmin(days, axis=0)) & (profile < np.nanmax(days, axis=0))).all()
    assert len(blended.parts()) == made.shape[2]
