"""What people type about rule sets, dossiers and what follows; a module for each area."""
