"""What every answer says to the browser about what it may do, and which requests are strangers'."""

from flask import Flask, Response, abort, current_app, request

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types drills",
)
_ALWAYS = {
    "Content-Security-Policy": "; ".join(_DIRECTIVES),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _refuse_cross_site() -> None:
    """Fetch Metadata: a browser that says the request comes from elsewhere is believed."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in {"GET", "HEAD", "OPTIONS"} and site not in {"same-origin", "none"}:
        abort(403)


def _add(response: Response) -> Response:
    if response.status_code == 304:  # no page comes with it: what the first answer said holds
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if current_app.config["PUBLIC_URL"].startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_app(app: Flask) -> None:
    app.before_request(_refuse_cross_site)
    app.after_request(_add)
