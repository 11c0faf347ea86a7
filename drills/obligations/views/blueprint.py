from flask import Blueprint

bp = Blueprint("obligations", __name__)
