"""Ways to tell people besides mail, by a library that knows many services.

The library runs in a process of its own (``poster``): tokens stay out of our logs, a request
that hangs is ended, and its connections go only where an operator allows.
"""

from collections.abc import Mapping
from typing import Any

from drills.core.mail import Letter, Transport
from drills.reminders.channels.roads import ChannelTransport, Roads
from drills.reminders.channels.rules import EXAMPLES, SERVICES, Allowed, allowed

__all__ = [
    "SERVICES",
    "Allowed",
    "ChannelTransport",
    "Roads",
    "allowed",
    "examples",
    "roads",
    "send",
]


def roads(config: Mapping[str, Any], mail: Transport) -> Transport:
    """Mail alone while no other channel is allowed."""
    rules = allowed(config)
    if not rules.schemas:
        return mail
    channels = ChannelTransport(rules, timeout=float(config["MAIL_TIMEOUT_SECONDS"]))
    return Roads(mail, channels)


def send(config: Mapping[str, Any], letter: Letter) -> None:
    """Hand one letter over now, once. Raises ``Undelivered``."""
    road = ChannelTransport(allowed(config), timeout=float(config["MAIL_TIMEOUT_SECONDS"]))
    try:
        road.deliver(letter)
    finally:
        road.close()


def examples(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The services that may be used, each with the look of its addresses."""
    schemas = sorted(allowed(config).schemas)
    return [(SERVICES[one], EXAMPLES.get(one, f"{one}://…")) for one in schemas]
