"""What all tests share: private PostgreSQL and RabbitMQ on demand."""

pytest_plugins = ["devstack.pytest_plugin"]
