"""Records of a data set on any Opendatasoft portal, by the Explore API v2.1."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError
from connectors.http import fetch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DATASET = re.compile(r"[\w@][\w@.-]*")


class Get(Protocol):
    """Fetches an address, as ``connectors.http.fetch`` does."""

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, str | int],
        headers: Mapping[str, str] | None = None,
        expect: str | None = None,
    ) -> bytes:
        """The body."""


def fetch_records(
    base_url: str,
    dataset: str,
    *,
    select: Sequence[str],
    where: str | None = None,
    order_by: str | None = None,
    api_key: str | None = None,
    get: Get = fetch,
) -> pd.DataFrame:
    """Every record of a data set that fits.

    The export is asked for and not the records, of which the API gives a hundred at most.

    Args:
        base_url: Address of the portal, such as https://odre.opendatasoft.com.
        dataset: Name of the data set there.
        select: Fields to ask for.
        where: Which records, in the language of the API: ``date_heure >= "2024-01-01T00:00:00Z"``.
        order_by: Field to order by.
        api_key: Key of the portal, for sets that are not open to all and for larger quotas; goes into a header.
        get: Fetches an address; for other time limits or tests.

    Returns:
        A row for each record and a column for each field, as JSON gives them; no rows where nothing fits.

    Raises:
        ConfigError: If the name of the data set or a field is none.
        RetriableConnectorError: If the portal does not answer, is busy, or the answer ends early.
        NotFoundError: If there is no such data set.
        FatalConnectorError: If it refuses, or answers in another format.
    """
    wrong = next((name for name in (dataset, *select) if not _DATASET.fullmatch(name)), None)
    if wrong is not None:
        raise ConfigError(f"{wrong!r} is no name of a data set or a field.", expected="Letters, digits, _, - and @.")
    params: dict[str, str | int] = {"select": ",".join(select), "timezone": "UTC", "limit": -1}
    params |= {name: value for name, value in (("where", where), ("order_by", order_by)) if value}
    body = get(
        f"{base_url.rstrip('/')}/api/explore/v2.1/catalog/datasets/{dataset}/exports/json",
        params=params,
        headers=None if api_key is None else {"Authorization": f"Apikey {api_key}"},
        expect="application/json",
    )
    return _frame(body, list(select), f"{base_url.rstrip('/')}, {dataset}")


def _frame(body: bytes, select: list[str], where: str) -> pd.DataFrame:
    try:
        records = json.loads(body)
    except ValueError as error:
        raise RetriableConnectorError(
            f"The answer of {where} is no whole JSON: {error}.", fix="Try again later, or ask for a shorter period."
        ) from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise FatalConnectorError(
            f"The answer of {where} is no list of records.",
            expected="The export of the Explore API v2.1 is one.",
            fix="Check that the portal still has this API.",
        )
    lacking = [field for field in select if records and not any(field in record for record in records)]
    if lacking:
        raise FatalConnectorError(
            f"The records of {where} have no field {lacking[0]!r}.",
            expected=f"It was asked for; they have {', '.join(records[0])}.",
            fix="Check the description of the data set on the portal.",
        )
    return pd.DataFrame({field: [record.get(field) for record in records] for field in select}, dtype=object)
