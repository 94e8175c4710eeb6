#!/usr/bin/env python
"""Django's own command line. `amparo` is the one for administrators; this one is for development."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.config.settings")
    execute_from_command_line(sys.argv)
