"""The process that posts: a line of JSON in, a line of JSON out, until the input ends.

A script of its own, started by ``roads``: it imports nothing of the application.
Every connection is looked at where it is made, so a name that resolves anew, or an answer that
points elsewhere, leads nowhere.
"""

import ipaddress
import json
import logging
import socket
import sys
from typing import Any

SECONDS_TO_CONNECT = 5
REFUSED = "its address is inside our own network, and CHANNELS_HOSTS does not name it"


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class Refused(OSError):
    """A connection that nobody may make."""


def is_public(address: str) -> bool:
    """Whether an IP address is of the Internet, not of a network or machine of our own."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found.is_global and not found.is_multicast


class Poster:
    """``outcome`` is of the last request: its status, or what kept it from having one."""

    def __init__(self, hosts: frozenset[str], seconds: float) -> None:
        self.hosts, self.seconds = hosts, seconds
        self.outcome: dict[str, Any] = {}

    def guard(self) -> None:
        """From here on names resolve to public addresses alone, and requests go one way."""
        import requests  # noqa: PLC0415 - only this process needs it

        resolve, request = socket.getaddrinfo, requests.Session.request

        def resolving(host: Any, *given: Any, **named: Any) -> Any:
            found = resolve(host, *given, **named)
            if str(host).lower().strip("[]") not in self.hosts and not all(
                is_public(str(entry[4][0])) for entry in found
            ):
                raise Refused(REFUSED)
            return found

        def requesting(session: Any, *given: Any, **named: Any) -> Any:
            session.trust_env = False
            timeouts = (SECONDS_TO_CONNECT, self.seconds)
            named |= {"allow_redirects": False, "verify": True, "timeout": timeouts}
            try:
                answer = request(session, *given, **named)
            except requests.RequestException as error:
                self.outcome = _fault(requests, error)
                raise
            self.outcome = {"code": answer.status_code}
            return answer

        socket.getaddrinfo = resolving
        requests.Session.request = requesting  # type: ignore[method-assign, assignment]

    def post(self, order: dict[str, str]) -> dict[str, Any]:
        import apprise  # noqa: PLC0415 - so is this

        service = apprise.Apprise.instantiate(order["url"], suppress_exceptions=True)
        if not service:
            return {"result": "hard", "text": "the address is not one of this service"}
        if "body" not in order:
            return {"result": "good"}
        self.outcome = {}
        if service.notify(body=order["body"], title=order["title"]):
            return {"result": "sent"}
        return _verdict(self.outcome)


def _fault(requests: Any, error: Exception) -> dict[str, Any]:
    """Whether the request may have arrived: only if the connection stood."""
    if REFUSED in str(error):
        return {"result": "hard", "text": REFUSED}
    unmade = (requests.ConnectTimeout, requests.exceptions.SSLError)
    early = isinstance(error, unmade) or "NewConnectionError" in repr(error)
    early = early or "NameResolutionError" in repr(error)
    return {"result": "soft" if early else "unknown", "text": type(error).__name__}


def _verdict(outcome: dict[str, Any]) -> dict[str, Any]:
    code = outcome.get("code")
    if code is None:
        return outcome or {"result": "hard", "text": "the service does not take the message"}
    soft = code in {408, 425, 429} or code >= 500
    return {"result": "soft" if soft else "hard", "text": f"the answer was {code}", "code": code}


def main(hosts: str, seconds: str) -> None:
    logging.disable(logging.CRITICAL)
    poster = Poster(frozenset(hosts.split()), float(seconds))
    poster.guard()
    for line in sys.stdin:
        print(json.dumps(poster.post(json.loads(line))), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
