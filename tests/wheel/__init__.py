"""What can be checked of the real CuPy wheel without a GPU: `make test-wheel`."""
