"""The blueprint that the pages of findings and actions hang on."""

from flask import Blueprint

bp = Blueprint("findings", __name__)
