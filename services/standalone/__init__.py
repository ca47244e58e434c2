"""The embedded district: five services, SQLite, no broker, one process."""
