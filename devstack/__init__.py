"""Private PostgreSQL and RabbitMQ on this machine, and the processes around them.

The tests, `make up` and the benches start their own servers: free ports on 127.0.0.1, own
folders, as a user that is not root, and nothing left behind.

    with Stack(base_dir) as stack:
        stack.postgres.create_database("intake")
        stack.rabbitmq.url()

Nothing is imported here, so that `python -m devstack.guardian` stays small.
"""
