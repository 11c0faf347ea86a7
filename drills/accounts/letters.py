"""Letters about passwords, each in its reader's language."""

import logging
import threading
from email.message import EmailMessage
from typing import Any

from flask import current_app, g, render_template
from flask_babel import force_locale
from flask_security import MailUtil
from flask_security.recoverable import generate_reset_password_token

from drills.accounts.models import Person
from drills.core import clock, mail

log = logging.getLogger("drills")


class Mails(MailUtil):
    """Letters in the reader's language; sent once the request has been answered for."""

    def send_mail(
        self,
        template: str,
        subject: str,  # noqa: ARG002 - the library hands over more than is needed
        recipient: Any,
        sender: Any,  # noqa: ARG002
        body: str | None,  # noqa: ARG002
        html: str | None,  # noqa: ARG002
        **given: Any,
    ) -> None:
        g.setdefault("letters", []).append(letter(template, str(recipient), **given))


def post() -> None:
    """Hand over the letters of this request.

    A mail server's answer is not waited for: how long a page takes must not tell whether the
    address it was asked about has an account.
    """
    letters = g.pop("letters", None)
    if letters is None:
        return
    config = dict(current_app.config)
    if config["MAIL_URL"]:
        threading.Thread(target=_send, args=(config, letters), daemon=True).start()
    else:
        _send(config, letters)


def letter(template: str, recipient: str, *, user: Person, **given: Any) -> EmailMessage:
    """``<template>/subject.txt``, ``body.txt`` and ``body.html`` as one message to ``user``."""
    message = EmailMessage()
    link = public_link(given["reset_token"]) if "reset_token" in given else ""
    with force_locale(user.language):
        parts = {
            name: render_template(f"{template}/{name}", person=user, link=link)
            for name in ("subject.txt", "body.txt", "body.html")
        }
    message["Subject"] = " ".join(parts["subject.txt"].split())
    message["From"], message["To"] = current_app.config["MAIL_FROM"], recipient
    message["Date"] = clock.now()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parts["body.txt"])
    message.add_alternative(parts["body.html"], subtype="html")
    return message


def public_link(token: str) -> str:
    """The address of the page that sets a new password, as people reach it from outside."""
    adapter = current_app.url_map.bind("")
    path = adapter.build("security.reset_password", {"token": token})
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}{path}"


def reset_link(person: Person) -> str:
    """A link, good once and for a day, with which ``person`` sets a password."""
    return public_link(str(generate_reset_password_token(person)))  # type: ignore[no-untyped-call]


def _send(config: dict[str, Any], letters: list[EmailMessage]) -> None:
    for message in letters:
        try:
            mail.send(config, message)
        except Exception:  # the top of a job: its failure is told to the log
            log.exception("a letter about a password could not be sent")
