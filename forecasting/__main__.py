"""``python -m forecasting`` is ``hourcast``: for timers, which know the interpreter and no path."""

from __future__ import annotations

from forecasting.cli import main

if __name__ == "__main__":
    main()
