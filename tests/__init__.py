"""One test tree for every backend."""
