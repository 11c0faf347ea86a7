"""What people type about rule sets, dossiers and what follows a decision; a module for each area."""
