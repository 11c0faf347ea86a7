"""Ports for servers that tests start: each worker of a parallel run has a range of its own.

Two runs beside each other begin at different places of it: a server that is started anew must find
the port it had.
"""

import itertools
import os
import socket

RANGE = 1000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_first = 21_000 + _worker % 10 * RANGE
_begin = os.getpid() * 37 % RANGE
_next = itertools.cycle(_first + (_begin + step) % RANGE for step in range(RANGE))


def free_port():
    """A port below those the system gives to outgoing connections, that nobody listens on."""
    for _ in range(RANGE):
        port = next(_next)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
