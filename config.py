"""Every setting, its default and what it means.

The factory executes this file; nothing imports it. Any name may be overridden by an
environment variable with the prefix ``DRILLS_`` (``DRILLS_PORT=9000``), or by a file that
such a variable with the ending ``_FILE`` names (``DRILLS_MAIL_URL_FILE=/run/secrets/mail``).
"""

DATA = ""
"""The folder for database, keys, uploads and outbox. Empty: ``instance/`` in a checkout,
``~/.local/share/drills`` for an installed package."""

DATABASE_URL = ""
"""``postgresql://user:password@host/name``; empty means SQLite in the data folder."""

MAIL_URL = ""
"""``smtp://user:password@host:587`` (STARTTLS when offered; ``?starttls=required`` insists),
``smtps://host:465``, or empty: mail is kept in the outbox folder and nothing leaves."""

MAIL_FROM = "Thao Trường <drills@localhost.localdomain>"
"""The sender of every mail."""

PUBLIC_URL = "http://127.0.0.1:8000"
"""The address people reach the pages by; links in mails are made from it."""

HOST = "127.0.0.1"
"""The address to listen on."""

PORT = 8000
"""The port to listen on."""

THREADS = 8
"""How many requests one process answers at once."""

PROXIES = 0
"""How many reverse proxies stand in front and set ``X-Forwarded-*``; 0 ignores the headers."""

SECRET_KEY = ""
"""Signs sessions and links. Empty: made once and kept in the data folder, mode 0600."""

LANGUAGE = "vi"
"""The language of visitors who have chosen none: ``vi`` or ``en``."""

TIME_ZONE = "Asia/Ho_Chi_Minh"
"""The time zone of people and drills that name none."""

PASSWORD_PROFILE = "asvs"
"""``asvs``: at least 12 characters, no composition rules; ``tcvn14423``: at least 14 of four
classes, as TCVN 14423:2026 asks of those without a second factor."""

SIGN_IN_ATTEMPTS = 5
"""Wrong passwords for one account, or ten times as many from one address, before it has to wait."""

SIGN_IN_WAIT_MINUTES = 15
"""How long it has to wait then."""

SESSION_IDLE_MINUTES = 480
"""A session unused for this long is over."""

SESSION_HOURS = 24
"""A session this old is over, used or not."""

TICK_SECONDS = 30
"""How often the scheduler looks for reminders that have fallen due."""

REMINDERS_LATE_MINUTES = 15
"""When the oldest message that is due has waited this long, ``/healthz/reminders`` turns red."""

METRICS_TOKEN = ""
"""Whoever shows it (``Authorization: Bearer …``) may read ``/metrics``. Empty: there is none."""

MAIL_BATCH = 50
"""How many messages one worker claims at a time."""

MAIL_GROUP = 10
"""How many messages of one connection are noted as sent in one go. If the machine dies just
then, at most so many for each connection arrive twice, each copy with the same Message-ID."""

MAIL_CONNECTIONS = 3
"""Over how many connections at once one process talks to the mail server."""

MAIL_PER_MINUTE = 0
"""The most messages in any minute; 0: no limit."""

MAIL_PER_DOMAIN = 0
"""The most messages in any minute to addresses of one domain; 0: no limit."""

MAIL_RETURN_PATH = ""
"""Where reports of undelivered mail go, ``bounces+{id}@mail.example``: ``{id}`` becomes a sign
of the one message. Empty: to the sender of every mail."""

BOUNCES_URL = ""
"""The mailbox these reports are read from: ``imaps://user:password@host/INBOX`` or
``maildir:/var/mail/bounces``. Empty: none is read."""

BOUNCES_SECONDS = 300
"""How often it is read."""

CHANNELS_ALLOWED = ""
"""Ways besides mail that people may choose, by the first words of their addresses:
``tgram, workflows, jsons``. Empty: none. Needs the extra ``drills[channels]``."""

CHANNELS_HOSTS = ""
"""Hosts of our own network that such messages may go to. All other private addresses are
refused."""

MAIL_LEASE_SECONDS = 120
"""After this long without a word a worker is taken for dead and its messages go back."""

MAIL_ATTEMPTS = 8
"""How often a message that fails for now is tried before it counts as failed."""

MAIL_TIMEOUT_SECONDS = 20
"""How long to wait for one answer of the mail server."""

IMPORT_ROWS = 20000
"""The longest list that one import takes."""

FILES = ""
"""The folder for files people hand in. Empty: ``files`` in the data folder."""

FILE_LIMIT_MB = 25
"""The largest file people may hand in, in MB."""

MAX_CONTENT_LENGTH = 64 * 1024 * 1024
"""The largest request body in bytes; one file of the size above always fits."""

MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
"""The largest form field in bytes."""

MAX_FORM_PARTS = 2000
"""How many fields a form may send."""
