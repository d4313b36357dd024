"""Names of parameters whose value is shown to nobody."""

from __future__ import annotations

import re

#: Found in the name of a parameter of a URL, or in that of a header.
SECRET_NAME = re.compile(r"key|token|secret|password|signature|appid", re.IGNORECASE)
