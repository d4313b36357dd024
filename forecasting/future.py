"""A history, and the rows after it that another file holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.source import read_source

if TYPE_CHECKING:
    from connectors.files.source import Table
    from forecasting.case import Source
    from forecasting.question import Question


def with_future(question: Question, table: Table, future: Source) -> pd.DataFrame:
    """The history and the rows of the future file that lie after it."""
    options = replace(
        question.source_options(),
        target=None,
        required=question.known,
        freq=table.freq,
        time_zone=table.time_zone,
        dates=table.options.dates,
        register=None,
    )
    ahead = read_source(future, options).frame
    items = table.frame["item_id"].unique()
    if len(items) == 1:
        ahead = ahead.assign(item_id=items[0])
    last = table.frame.loc[table.frame["target"].notna(), "timestamp"].max()
    ahead = ahead.loc[ahead["timestamp"] > last].assign(target=np.nan)
    columns = [name for name in table.frame.columns if name in ahead.columns]
    already = table.frame.loc[table.frame["timestamp"] <= last]
    both: pd.DataFrame = pd.concat([already, ahead[columns]], ignore_index=True)
    return both
