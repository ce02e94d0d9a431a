"""A PodMonitor against the operator's own schema, which kubernetes-validate does not know."""

import json
import sys

import yaml
from cloudcoil.models.prometheus_operator.v1 import PodMonitor
from pydantic import ValidationError


def problems(manifest):
    """What the operator would not accept, or would ignore."""
    if (manifest.get("apiVersion"), manifest.get("kind")) != ("monitoring.coreos.com/v1", "PodMonitor"):
        return ["not a PodMonitor of monitoring.coreos.com/v1"]
    try:
        model = PodMonitor.model_validate(manifest)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    # The models drop unknown keys, so what they keep must be what the file has.
    kept = json.loads(model.model_dump_json(by_alias=True, exclude_none=True))
    return list(unknown(manifest, kept, ""))


def unknown(given, kept, where):
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key in kept:
                yield from unknown(value, kept[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: unknown key"
    elif isinstance(given, list) and isinstance(kept, list):
        for at, (one, other) in enumerate(zip(given, kept)):
            yield from unknown(one, other, f"{where}[{at}]")


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        manifest = yaml.safe_load(file)
    found = problems(manifest)
    for problem in found:
        print(f"{path}: {problem}", file=sys.stderr)
    # Mistakes are found: a wrong type, and a key that does not exist.
    endpoint = manifest["spec"]["podMetricsEndpoints"][0]
    for mistake in ({"interval": "soon"}, {"intervall": "15s"}):
        wrong = {**manifest, "spec": {**manifest["spec"], "podMetricsEndpoints": [{**endpoint, **mistake}]}}
        if not problems(wrong):
            sys.exit(f"{mistake} is not found")
    if found:
        sys.exit(1)
    print(f"{path} is a valid PodMonitor")


main()
