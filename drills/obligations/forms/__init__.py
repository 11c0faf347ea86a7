"""What people type about obligations."""
