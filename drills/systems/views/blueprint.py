from flask import Blueprint

bp = Blueprint("systems", __name__, url_prefix="/systems")
