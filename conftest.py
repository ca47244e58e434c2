"""What all tests share: private PostgreSQL and RabbitMQ on demand, and a SIGINT that works."""

import signal

pytest_plugins = ["devstack.pytest_plugin"]

# A shell without job control starts what it puts into the background with SIGINT ignored, and
# every process started from there inherits that: the tests that interrupt one would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
