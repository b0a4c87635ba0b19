"""Tests of fields and segments."""
