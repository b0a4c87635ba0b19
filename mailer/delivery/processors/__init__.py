"""The register of processors: everybody whom readers' data is handed to, and on what terms.

A relay's record in the register of relays is its record here, too: there is no second one that
could say something else. All other services have a row of their own.
"""
