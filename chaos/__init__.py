"""Faults on the real spine: PostgreSQL, RabbitMQ and every process, while journeys go on."""
