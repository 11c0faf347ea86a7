"""The demonstration year: an invented province, Lam Giang, made to the figures of a real report."""
