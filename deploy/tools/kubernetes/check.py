"""Judges Kubernetes manifests offline: python check.py CRDS FILE…

Kubernetes' own kinds by kubernetes-validate, the Prometheus operator's by its definitions in the folder CRDS. Unknown
keys are errors in both, as they are for `kubectl apply --validate=strict`. Prints each fault; ends with 1 if there are any.
"""

import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

KUBERNETES = "1.37"


def closed(schema):
    """The schema of a definition, with keys that it does not name forbidden."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
    # What is called int-or-string has no `type` of its own.
    if schema.pop("x-kubernetes-int-or-string", False):
        schema.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    return schema


def definitions(folder):
    """{(apiVersion, kind): schema} of each definition in the folder."""
    found = {}
    for file in pathlib.Path(folder).glob("*.yaml"):
        spec = yaml.safe_load(file.read_text())["spec"]
        for version in spec["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            # NOTE: a definition leaves metadata open; its keys are Kubernetes' own.
            schema["properties"]["metadata"] = {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"},
                    "namespace": {"type": "string"},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            }
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def check(manifest, own):
    schema = own.get((manifest["apiVersion"], manifest["kind"]))
    if schema is None:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    else:
        jsonschema.Draft202012Validator(schema).validate(manifest)


def main(folder, *files):
    own, faults = definitions(folder), 0
    for file in files:
        for manifest in yaml.safe_load_all(pathlib.Path(file).read_text()):
            try:
                check(manifest, own)
            except (jsonschema.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                faults += 1
                place = "/".join(map(str, getattr(error, "absolute_path", [])))
                name = (manifest.get("metadata") or {}).get("name")
                print(f"{file}: {manifest.get('kind')} {name}: {place}: {error.message}")
    return 1 if faults else 0


sys.exit(main(*sys.argv[1:]))
