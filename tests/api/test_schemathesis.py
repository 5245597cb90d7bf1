"""Random requests after the description: never a 5xx, and every answer is one that the description allows."""
import hypothesis
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

EXAMPLES = 20  # an operation; a quarter of them about somebody who exists
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def test_the_server_keeps_to_its_description(server, tree, home):
    schema = schemathesis.openapi.from_url(server.url + "/openapi.json")
    # What writes does so in a tree of its own: the other tests know what stands in the sample.
    own = server.ask("POST", "/api/v1/trees", {"name": "for strangers"}).json()["id"]
    person = server.ask("POST", f"/api/v1/trees/{own}/persons", {"names": [{"given": "A", "surname": "B"}]}).json()["id"]
    faults, tried = [], 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/stream"):
            continue  # never ends; test_jobs.py, web/e2e/7-models.test.ts

        writes = {"changes", "history"} & set(operation.tags or [])
        known = {"tree": own, "id": person, "version": 1} if writes else {"tree": tree, "id": home, "other": home, "treeId": tree}

        @hypothesis.given(case=operation.as_strategy(), exists=hypothesis.strategies.integers(0, 3))
        @hypothesis.settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[hypothesis.Phase.generate],
                             suppress_health_check=list(hypothesis.HealthCheck))
        def ask(case, exists):
            if exists == 0 and operation.method.upper() != "DELETE":
                case.path_parameters = {**(case.path_parameters or {}), **{k: v for k, v in known.items() if k in (case.path_parameters or {})}}
                if case.query and "treeId" in case.query:
                    case.query["treeId"] = tree
            # Without a GPU 503 is what the description says.
            checks = CHECKS[1:] if operation.path == "/api/v1/models/gpus" else CHECKS
            case.call_and_validate(base_url=server.url, checks=checks, timeout=30)

        try:
            ask()
        except Exception as fault:  # gathered, so that one run shows all
            faults.append(f"{operation.method.upper()} {operation.path}: {fault}")
        tried += 1
    assert tried > 30 and not faults, "\n\n".join(faults)
    assert server.get("/ready")["status"] == "ready"
