"""Handing an archive over: made by the worker, sealed, and opened by a link in her mail alone."""
