"""How fast the district is on this machine, beside what PostgreSQL alone can do.

A tool for operators and developers: it may use everything, nobody uses it.
"""
