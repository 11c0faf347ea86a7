"""Letters that go to a channel instead of a mailbox: their recipient is an address with ``://``."""

import contextlib
import email
import email.policy
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drills.core.mail import Fault, Letter, Transport, Undelivered
from drills.core.mail.letters import go
from drills.reminders.channels.rules import Allowed, problem_of

TITLE_MAX, BODY_MAX = 120, 700
FAULTS = {"soft": Fault.SOFT, "hard": Fault.HARD, "unknown": Fault.UNKNOWN}
START_SECONDS = 30


class Roads:
    """Mail goes by mail, the rest by channel; trouble of one channel closes no road."""

    def __init__(self, mail: Transport, channels: Transport) -> None:
        self.mail, self.channels = mail, channels

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool:
        road = self.channels if "://" in letter.recipient else self.mail
        return road.deliver(letter, may_go)

    def close(self) -> None:
        self.mail.close()
        self.channels.close()


class ChannelTransport:
    """Hands letters to the posting process, which is started for the first of them."""

    def __init__(self, rules: Allowed, *, timeout: float) -> None:
        self.rules, self.timeout = rules, timeout
        self.process: subprocess.Popen[str] | None = None

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool:
        problem = problem_of(letter.recipient, self.rules)
        if problem:
            raise Undelivered(Fault.HARD, "channel", problem)
        title, body = short(letter.data)
        order = {"url": letter.recipient}
        self._good(self._ask(order, START_SECONDS, Fault.SOFT), "good")
        if not may_go():
            return False
        answer = self._ask(order | {"title": title, "body": body}, 2 * self.timeout, Fault.UNKNOWN)
        self._good(answer, "sent")
        return True

    def close(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()

    def _good(self, answer: dict[str, Any], expected: str) -> None:
        if answer["result"] != expected:
            fault = FAULTS.get(answer["result"], Fault.UNKNOWN)
            raise Undelivered(fault, "channel", answer.get("text", ""), answer.get("code"))

    def _ask(self, order: dict[str, str], seconds: float, silence: Fault) -> dict[str, Any]:
        """The answer; ``silence`` is what it means if there is none in time."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            with selectors.DefaultSelector() as waiting:
                waiting.register(process.stdout, selectors.EVENT_READ)
                line = process.stdout.readline() if waiting.select(seconds) else ""
        except OSError:
            line = ""
        if not line:
            self.close()
            raise Undelivered(
                silence, "channel", "no answer in time, or “drills[channels]” missing"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self.process is None:
            names = ("PATH", "LANG", "SSL_CERT_FILE")
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no word of a user's
                [
                    sys.executable,
                    "-I",
                    str(Path(__file__).with_name("poster.py")),
                    " ".join(sorted(self.rules.hosts)),
                    str(self.timeout),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={name: os.environ[name] for name in names if name in os.environ},
            )
        return self.process


def short(data: bytes) -> tuple[str, str]:
    """The subject of a mail and the beginning of its plain text."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    part = message.get_body(("plain",))
    text = str(part.get_content()) if part else ""
    if len(text) > BODY_MAX:
        text = text[:BODY_MAX].rpartition("\n")[0] or text[:BODY_MAX]
    return str(message["Subject"] or "")[:TITLE_MAX], text.strip()
