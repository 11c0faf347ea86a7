from flask import Blueprint

bp = Blueprint("systems", __name__)
