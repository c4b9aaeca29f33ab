"""The ASGI server inside `manage.py serve`: protocols with limits, drain, preparation of the data folder, certificates."""
