"""What stands behind the front doors of the Makefile; each module is run with `python -m scripts.NAME`."""
