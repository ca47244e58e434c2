"""The one image of all services and roles: `python -m deploy.image` builds it."""
