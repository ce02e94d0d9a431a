"""Calls a running worker through the client that openapi-python-client generated."""

import importlib
import io
import pkgutil
import sys

from admin_client import Client, api, models
from admin_client.types import File

client = Client(base_url=sys.argv[1])

# The module of each operation, by the name of its function.
operations = {}
for package in pkgutil.iter_modules(api.__path__):
    folder = importlib.import_module(f"admin_client.api.{package.name}")
    for module in pkgutil.iter_modules(folder.__path__):
        path = f"admin_client.api.{package.name}.{module.name}"
        operations[module.name] = importlib.import_module(path)


def call(name, status, /, **arguments):
    """The parsed reply of an operation, whose status must be the expected one."""
    module = operations[name]
    reply = module.sync_detailed(client=client, **arguments)
    assert reply.status_code == status, (name, reply)
    assert reply.parsed is not None, f"{name}: the reply is not in the description"
    return reply.parsed


env = call("admin_endpoints_env_env", 200)
assert isinstance(env, dict) and "PATH" in env, env

level = call("admin_endpoints_loglevel_route_loglevel", 200, logger_name="root")
assert level.startswith("root: "), level

dump = call("admin_endpoints_threads_route_threads", 200, name="no thread has this name")
assert dump.endswith("Total threads: 0"), dump

metrics = call("admin_endpoints_metrics_handlers_metrics", 200)
assert "admin_requests_total" in metrics, metrics[:200]

health = call(
    "admin_endpoints_periodic_threads_health_periodic_threads_health", 200, probe=True
)
assert health["healthy"] is True, health

missing = call(
    "admin_endpoints_periodic_threads_one_periodic_thread", 404, thread_name="no/such"
)
assert isinstance(missing, models.AdminError), missing
assert missing.error == "Thread not found: no/such", missing

run_script = operations["admin_endpoints_script_handler_run_script"]
form = run_script.AdminEndpointsScriptHandlerRunScriptBody
script = File(payload=io.BytesIO(b"result = 6 * 7"), file_name="script.py")
answer = call("admin_endpoints_script_handler_run_script", 200, body=form(script=script))
assert answer == "42", answer

index = call("admin_runtime_index_index", 200)
assert any(endpoint["path"] == "/env" for endpoint in index["endpoints"]), index

print(f"{len(operations)} operations generated, 8 called")
