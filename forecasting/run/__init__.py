"""One scheduled run: read, check, train when due, forecast, record, hand over."""
