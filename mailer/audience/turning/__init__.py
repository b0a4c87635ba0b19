"""From a former suppression key to the newest: people and domains move, and are found meanwhile.

All that is kept under the key of one address stands under the same key, so that one row is found
from another without a question about keys. An address that comes in is reckoned under every key
of the ring (``incoming``), and what stands under a former one is moved first. Whose address is not
known stays where she is, and is found there when it comes in.
"""
