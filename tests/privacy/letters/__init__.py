"""Letters that readers write."""
