# The commands live in dev.py, which runs wherever Python does.
PYTHON ?= python3

.PHONY: run test lock
run test lock:
	@$(PYTHON) dev.py $@
