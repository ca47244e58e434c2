"""The process kinds of a service: api, relay, worker, jobs, migrate. One module each.

Only `api` and `jobs` may import grpc; `worker` runs under eventlet.
"""
