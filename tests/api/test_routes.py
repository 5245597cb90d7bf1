"""Every route of the description answers as described; what surrounds them; the description itself."""
import json
import pathlib
import re
import subprocess

import jsonschema
import pytest
import tablinum

DESCRIPTION = tablinum.ROOT / "docs" / "api" / "openapi.json"


@pytest.fixture(scope="module")
def document(server):
    return server.get("/openapi.json")


def validator(document, schema):
    return jsonschema.Draft202012Validator({**schema, "components": document["components"]})


def test_the_file_in_docs_is_what_the_program_describes():
    printed = subprocess.run([tablinum.BINARY, "openapi"], capture_output=True, text=True, check=True).stdout
    assert DESCRIPTION.read_text(encoding="utf-8") == printed, "run: tablinum openapi > docs/api/openapi.json"


def test_the_server_gives_out_the_same_description(document):
    assert document == json.loads(DESCRIPTION.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def examples(server, tree, home, people, tmp_path_factory):
    """An example for each path parameter and required query parameter, by what stands before it."""
    of_tree = lambda what: server.get(f"/api/v1/trees/{tree}/{what}")["items"][0]["id"]
    export = server.job(server.ask("POST", f"/api/v1/trees/{tree}/exports", {"version": "original", "media": False}))
    imported = server.job(server.upload("/api/v1/imports", tablinum.TINY))
    # A first row, without which there are no statistics of models.
    assert server.ask("POST", "/api/v1/models/select?category=code").status == 200
    family = server.get(f"/api/v1/persons/{home}/family")["unions"][0]["familyId"]
    return {"trees": tree, "persons": home, "relationship-to": people[0]["id"], "families": family, "places": of_tree("places"),
            "sources": of_tree("sources"), "media": of_tree("media"), "exports": export["id"], "jobs": export["id"],
            "imports": imported["result"]["importId"], "charts": "hourglass", "changesets": of_tree("history"), "records": home, "versions": "1",
            "repositories": home, "notes": home}


def fill(path, examples):
    parts = path.split("/")
    return "/".join(examples[parts[i - 1]] if part.startswith("{") else part for i, part in enumerate(parts))


def operations(document, method):
    return [(path, item[method]) for path, item in document["paths"].items() if method in item]


def test_every_reading_route_answers_as_described(server, document, examples, tree):
    required = {"treeId": tree, "q": "moyo", "category": "code"}
    seen = 0
    for path, operation in operations(document, "get"):
        content = operation["responses"]["200"].get("content", {})
        if "text/event-stream" in content:
            continue  # test_jobs.py
        if path == "/api/v1/models/gpus":
            assert server.ask("GET", path).status in (200, 503)  # as there is one or not
            seen += 1
            continue
        query = {p["name"]: required[p["name"]] for p in operation.get("parameters", []) if p["required"] and p["in"] == "query"}
        answer = server.ask("GET", fill(path, examples), **query)
        assert answer.status == 200, (path, answer.status, answer.body)
        if "application/json" in content:
            assert answer.type == "application/json"
            validator(document, content["application/json"]["schema"]).validate(answer.json())
        seen += 1
    assert seen > 30


def test_every_route_with_an_id_knows_what_is_absent(server, document, examples):
    nobody = "01900000-0000-7000-8000-000000000000"
    for method in ("get", "post", "delete"):
        for path, operation in operations(document, method):
            if "{" not in path or "charts" in path:
                continue
            for wrong in (nobody, "nonsense", "%00", "~", "0" * 300):
                first = path.index("{")
                address = path[:first] + wrong + fill(path, examples)[len(fill(path[:first], examples)):][path[first:].index("}") + 1:] \
                    if path.count("{") == 1 else re.sub(r"\{(?:other|id)\}", nobody, path.replace(path[first:path.index("}") + 1], wrong, 1))
                address = re.sub(r"\{\w+\}", "1", address)  # versions, codes: any that there might be
                answer = server.ask(method.upper(), address, {} if "application/json" in str(operation.get("requestBody")) else None)
                assert 400 <= answer.status < 500, (method, address, answer.status, answer.body)
                check_problem(document, answer)


def check_problem(document, answer):
    assert answer.type == "application/problem+json", answer.headers.items()
    problem = answer.json()
    validator(document, {"$ref": "#/components/schemas/Problem"}).validate(problem)
    assert problem["status"] == answer.status
    assert problem["message"] == problem["detail"] and problem["error"] == problem["code"]
    assert problem["requestId"] == answer.headers["x-correlation-id"]
    assert "/" not in problem["code"] and ".cc" not in answer.body.decode()


@pytest.mark.parametrize("method,path,body,headers,status", [
    ("GET", "/api/v1/nothing", None, {}, 404),
    ("POST", "/api/v1/trees", b"{}", {"content-type": "application/json"}, 422),
    ("POST", "/api/v1/trees", b"not json", {"content-type": "application/json"}, 422),
    ("POST", "/api/v1/trees", b'{"name":"x"}', {"content-type": "text/plain"}, 415),
    ("POST", "/api/v1/trees", b'{"name":"x"}', {}, 415),
    ("POST", "/api/v1/trees", json.dumps({"name": "n" * 101}).encode(), {"content-type": "application/json"}, 422),
    ("PUT", "/api/v1/trees", b"{}", {"content-type": "application/json"}, 405),
    ("DELETE", "/health", None, {}, 405),
    ("GET", "/api/v1/search", None, {}, 422),
    ("GET", "/api/v1/jobs?limit=201", None, {}, 422),
    ("GET", "/api/v1/jobs?limit=0", None, {}, 422),
    ("GET", "/api/v1/jobs?limit=1.5", None, {}, 422),
    ("GET", "/api/v1/jobs?cursor=nonsense", None, {}, 422),
    ("GET", "/api/v1/stream", None, {}, 422),
    ("GET", "/api/v1/stream?topics=" + ",".join(["job:01900000-0000-7000-8000-000000000000"] * 33), None, {}, 422),
])
def test_errors_are_problems(server, document, method, path, body, headers, status):
    answer = server.ask(method, path, body, headers)
    assert answer.status == status, answer.body
    check_problem(document, answer)
    assert (status == 422) == ("errors" in answer.json())


def test_a_tree_name_may_have_a_hundred_characters_of_any_script(server):
    name = "é" * 100
    answer = server.ask("POST", "/api/v1/trees", {"name": name})
    assert answer.status == 201 and answer.json()["name"] == name
    assert server.get(answer.headers["location"])["name"] == name


def test_etag_gives_304(server, tree, home):
    for path in (f"/api/v1/trees/{tree}", f"/api/v1/persons/{home}", f"/api/v1/trees/{tree}/persons", f"/api/v1/trees/{tree}/statistics"):
        first = server.ask("GET", path)
        again = server.ask("GET", path, headers={"if-none-match": first.headers["etag"]})
        assert again.status == 304 and again.body == b"" and again.headers["etag"] == first.headers["etag"]
        other = server.ask("GET", path, headers={"if-none-match": '"another"'})
        assert other.status == 200 and other.body == first.body


def test_head_is_get_without_the_body(server, tree, home):
    for path in (f"/api/v1/persons/{home}", f"/api/v1/trees/{tree}/persons", "/health"):
        head, get = server.ask("HEAD", path), server.ask("GET", path)
        assert head.status == 200 and head.body == b"" and head.headers["content-type"] == get.headers["content-type"]
        assert head.headers["content-length"] == str(len(get.body))


def test_options_and_405_say_what_is_allowed(server, home):
    path = f"/api/v1/persons/{home}/citations"
    assert server.ask("OPTIONS", path).headers["allow"] == "GET, HEAD, OPTIONS"
    refused = server.ask("DELETE", path)
    assert refused.status == 405 and refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert server.ask("OPTIONS", "/api/v1/trees").headers["allow"] == "GET, POST, HEAD, OPTIONS"


def test_answers_carry_headers_that_keep_browsers_careful(server, home):
    headers = server.ask("GET", f"/api/v1/persons/{home}").headers
    assert headers["x-content-type-options"] == "nosniff" and "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("headers,status", [
    ({}, 201),
    ({"sec-fetch-site": "same-origin"}, 201),
    ({"sec-fetch-site": "none"}, 201),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"origin": "http://example.org"}, 403),
    ({"origin": "null"}, 403),
])
def test_pages_of_others_change_nothing(server, headers, status):
    answer = server.ask("POST", "/api/v1/trees", {"name": "theirs"}, headers)
    assert answer.status == status


def test_our_own_origin_may_write(server):
    host = f"localhost:{server.port}"
    assert server.ask("POST", "/api/v1/trees", {"name": "ours"}, {"host": host, "origin": f"http://{host}"}).status == 201


@pytest.mark.parametrize("host,status", [("localhost", 200), ("127.0.0.1:1", 200), ("[::1]:80", 200), ("example.org", 403),
                                         ("127.0.0.1.example.org", 403), ("localhost.example.org:80", 403)])
def test_a_name_that_only_resolves_to_this_machine_is_not_served(server, host, status):
    assert server.ask("GET", "/api/v1/trees", headers={"host": host}).status == status


def test_health_ready_version_metrics(server):
    assert server.get("/health")["status"] == "ok" and server.get("/ready")["status"] == "ready"
    assert server.get("/version")["name"] == "tablinum"
    assert server.get("/api/v1/gateway/health")["status"] == "ok"
    metrics = server.ask("GET", "/metrics").body.decode()
    assert "tablinum_store_trees " in metrics and "process_resident_memory_bytes " in metrics


def test_the_description_names_no_alias(document):
    assert all(path.startswith("/api/v1/") or path == "/version" for path in document["paths"])
    assert pathlib.Path(DESCRIPTION).read_bytes().endswith(b"}\n")


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server):
    connection = server.connect()
    connection.putrequest("POST", "/api/v1/trees")
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str((10 << 20) + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413 and response.headers["content-type"] == "application/problem+json"
    connection.close()
