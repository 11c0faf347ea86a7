"""Questions asked of everything that is recorded. Nothing is written here."""
