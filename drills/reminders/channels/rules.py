"""Which services may be used, and where connections to them may lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SERVICES = {
    "json": "Webhook (JSON)",
    "jsons": "Webhook (JSON, HTTPS)",
    "form": "Webhook (form)",
    "forms": "Webhook (form, HTTPS)",
    "tgram": "Telegram",
    "workflows": "Microsoft Teams",
    "msteams": "Microsoft Teams",
    "slack": "Slack",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "signal": "Signal",
    "signals": "Signal",
    "twilio": "SMS (Twilio)",
    "vonage": "SMS (Vonage)",
    "clickatell": "SMS (Clickatell)",
    "plivo": "SMS (Plivo)",
    "smseagle": "SMS (SMSEagle)",
    "smseagles": "SMS (SMSEagle)",
    "httpsms": "SMS (httpSMS)",
}
"""What speaks HTTP and nothing else, by the first word of its address."""
EXAMPLES = {
    "json": "json://host/path",
    "jsons": "jsons://host/path",
    "form": "form://host/path",
    "forms": "forms://host/path",
    "tgram": "tgram://bot-token/chat-id",
    "workflows": "workflows://host/workflow/signature",
    "slack": "slack://tokenA/tokenB/tokenC/channel",
    "ntfys": "ntfys://host/topic",
    "gotifys": "gotifys://host/token",
    "twilio": "twilio://account:token@from/to",
    "smseagles": "smseagles://token@host/to",
}
"""How an address looks, of those that people ask for most."""
OWN_OPTIONS = frozenset({"verify", "cto", "rto", "retry", "wait", "redirect", "attach", "overflow"})
"""Options of an address that would loosen what we hold to."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """``hosts`` may be reached although their address is inside our own network."""

    schemas: frozenset[str]
    hosts: frozenset[str]


def allowed(config: Mapping[str, Any]) -> Allowed:
    """The settings CHANNELS_ALLOWED and CHANNELS_HOSTS: words parted by commas or spaces."""
    schemas, hosts = (
        frozenset(str(config[name]).lower().replace(",", " ").split())
        for name in ("CHANNELS_ALLOWED", "CHANNELS_HOSTS")
    )
    return Allowed(schemas & SERVICES.keys(), hosts)


def problem_of(url: str, rules: Allowed) -> str:
    """Why nothing is sent to this address, as far as can be seen; “” if it looks right."""
    try:
        parts = urlsplit(url)
        options = {name.lower() for name, _value in parse_qsl(parts.query)}
    except ValueError:
        return "this is not an address"
    if parts.scheme.lower() not in rules.schemas:
        return "this kind of channel is not allowed"
    return "the address holds an option that is not allowed" if options & OWN_OPTIONS else ""
