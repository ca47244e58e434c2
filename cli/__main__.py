"""`python -m cli`, the same as `liandong`."""

import sys

from cli.main import main

sys.exit(main())
