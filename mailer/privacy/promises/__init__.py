"""What a privacy policy promises, and the proof from this installation that each promise is kept.

A promise that cannot be proven counts as one that is not kept.
"""
