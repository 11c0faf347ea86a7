# The commands live in dev.py, which runs wherever Python does.
PYTHON ?= python3

.PHONY: run test lock bench-faults
run test lock:
	@$(PYTHON) dev.py $@

# Long; add DATABASE=postgresql://… to run on a PostgreSQL database that holds nothing yet.
bench-faults:
	@.venv/bin/python -m bench.faults $(DATABASE)
