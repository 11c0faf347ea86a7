"""A mail server on loopback, in a process of its own, that misbehaves on command.

    python -m bench.sink PORT LOG [FAULTS]

Each letter it takes is a line of JSON in LOG, on the disk before the answer goes out. FAULTS is
a list in JSON: ``{"stage": "rcpt", "act": "450 later", "every": 4}``. The stages: connect, mail,
rcpt, dot. The acts: an answer, ``close``, ``store-close``, ``hang``, ``store-hang``,
``slow 0.2``, ``half`` and ``store-half`` (stops sending, goes on listening), ``grey`` (450 the
first time a recipient is named). ``every``: each n-th time; ``first``: so often at most; ``to``:
only where the recipient holds this text.
"""

import asyncio
import json
import re
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self, log, faults=()):
        self.log = Path(log).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - to the end
        self.faults = [fault | {"met": 0} for fault in faults]
        self.greylisted = set()

    def fault(self, stage, recipient=""):
        for fault in self.faults:
            if fault["stage"] != stage or fault.get("to", "") not in recipient:
                continue
            if fault["act"] == "grey":
                if recipient not in self.greylisted:
                    self.greylisted.add(recipient)
                    return "450 4.7.1 greylisted"
                continue
            fault["met"] += 1
            if fault["met"] <= fault.get("first", 10**9) and not fault["met"] % fault.get(
                "every", 1
            ):
                return fault["act"]
        return ""

    async def act(self, server, act):
        """The answer to give, if any."""
        if act.startswith("slow"):
            await asyncio.sleep(float(act.split()[1]))
            return ""
        if act.endswith("hang"):
            await asyncio.sleep(3600)
        if act.endswith("half"):
            server.transport.write_eof()
            await asyncio.sleep(3600)
        if act.endswith("close"):
            server.transport.abort()
            return "421 closing"
        return act

    async def handle_MAIL(self, server, _session, envelope, address, _options):  # noqa: N802
        if answer := await self.act(server, self.fault("mail")):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802
        if answer := await self.act(server, self.fault("rcpt", address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - aiosmtpd calls it so
        act = self.fault("dot", envelope.rcpt_tos[0])
        if not act or act.startswith(("store", "slow")):
            self.keep(envelope)
        return await self.act(server, act) or "250 OK"

    def keep(self, envelope):
        found = _MESSAGE_ID.search(envelope.content[:8192])
        identity = found[1].decode() if found else ""
        line = {"to": envelope.rcpt_tos[0], "id": identity, "at": time.time()}
        self.log.write(json.dumps(line) + "\n")


class Closed(asyncio.Protocol):
    """A connection that ends before it began."""

    def __init__(self, act):
        self.act = act

    def connection_made(self, transport):
        if self.act != "hang":
            if self.act != "close":
                transport.write(f"{self.act}\r\n".encode())
            transport.close()


async def serve(port, log, faults):
    sink, loop = Sink(log, faults), asyncio.get_running_loop()

    def answer():
        if act := sink.fault("connect"):
            return Closed(act)
        return SMTP(sink, loop=loop)

    server = await loop.create_server(answer, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    port, log, *faults = sys.argv[1:]
    asyncio.run(serve(int(port), log, json.loads(faults[0]) if faults else []))
