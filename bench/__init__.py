"""What the speed figures in the README come from; `make bench` runs all, and fails on a miss."""
