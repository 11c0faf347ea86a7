"""Addresses of the static files, cheap enough to be asked for by every icon of a long list."""

import mimetypes

from flask import Flask, current_app, has_request_context, request


def asset(name: str) -> str:
    """The address of ``static/<name>``, below the prefix the application is mounted at."""
    prefix = request.script_root if has_request_context() else ""
    return f"{prefix}{current_app.static_url_path}/{name}"


def init_app(app: Flask) -> None:
    # A module or a sprite with the wrong media type is refused by the browser, and some
    # systems (the registry of Windows, slim images) have their own idea of these two.
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("image/svg+xml", ".svg")
    app.jinja_env.globals["asset"] = asset
