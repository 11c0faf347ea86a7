"""The blueprint that the pages of approvals hang on."""

from flask import Blueprint

bp = Blueprint("approvals", __name__)
