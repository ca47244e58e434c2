#!/bin/sh
# Starts RabbitMQ in a container, in the foreground and with its log on the output. The server
# itself reads RABBITMQ_DEFAULT_USER, _PASS and _VHOST when its volume is empty.
set -eu
export HOME=/var/lib/rabbitmq PATH="/usr/lib/rabbitmq/bin:$PATH"
# A name that does not change with the pod: the data belong to the name.
export RABBITMQ_NODENAME="${RABBITMQ_NODENAME:-rabbit@localhost}"
export RABBITMQ_MNESIA_BASE=/var/lib/rabbitmq/mnesia RABBITMQ_LOGS=- RABBITMQ_LOG_BASE=/tmp
export RABBITMQ_PID_FILE=/tmp/rabbitmq.pid
if [ "${1:-}" = rabbitmq-server ]; then shift; fi
exec rabbitmq-server "$@"
