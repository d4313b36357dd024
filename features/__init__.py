"""Columns made from columns, each knowable at its cutoff."""
