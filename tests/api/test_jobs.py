"""Files in and out: uploads of every kind, jobs followed by polling and live, undo, exports that come in again, shutdown in the middle."""
import concurrent.futures
import io
import json
import signal
import socket
import time
import zipfile

import pytest
import tablinum


def new_tree(server, name):
    return server.ask("POST", "/api/v1/trees", {"name": name}).json()["id"]


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_a_file_becomes_a_tree(server):
    job = server.job(server.upload("/api/v1/imports", tablinum.TINY, name="..\\..\\etc/lambs.ged"))
    assert job["state"] == "succeeded" and job["problem"] is None
    report = server.get(f"/api/v1/imports/{job['result']['importId']}")
    assert report["state"] == "done" and report["counts"]["persons"] == 3 and report["counts"]["families"] == 1
    assert report["lossless"] is True and report["fileName"] == "lambs.ged"
    tree = server.get(f"/api/v1/trees/{report['treeId']}")
    assert tree["persons"] == 3 and tree["name"] == "lambs"


def test_messages_name_the_record_that_they_are_about(server):
    text = tablinum.TINY.replace(b"0 TRLR", b"0 @I77@ INDI\n1 NAME Ann /Lamb/\n1 BIRT\n2 DATE 31 FEB 1870\n0 TRLR")
    job = server.job(server.upload("/api/v1/imports", text, name="dates.ged"))
    messages = server.get(f"/api/v1/imports/{job['result']['importId']}/messages?code=date_invalid")["items"]
    assert len(messages) == 1 and messages[0]["excerpt"] == "31 FEB 1870"
    assert text.split(b"\n")[messages[0]["line"] - 1].strip() == b"2 DATE 31 FEB 1870"
    record = messages[0]["record"]
    assert record["type"] == "person" and record["name"] == "Ann Lamb"
    assert server.get(f"/api/v1/persons/{record['id']}")["id"] == record["id"]


def test_an_import_of_the_command_line_is_listed_and_can_be_undone(tmp_path):
    data = tmp_path / "data"
    tablinum.import_sample(data)
    server = tablinum.Server(data)
    try:
        tree = server.get("/api/v1/trees")["items"][0]
        imports = server.get(f"/api/v1/trees/{tree['id']}/imports")["items"]
        assert [i["state"] for i in imports] == ["done"] and imports[0]["counts"]["persons"] == tree["persons"]
        assert server.job(server.ask("DELETE", f"/api/v1/imports/{imports[0]['id']}"))["state"] == "succeeded"
        assert server.get("/api/v1/trees")["items"] == []
    finally:
        assert server.stop() == 0


def test_a_file_for_an_empty_tree_and_none_for_one_with_people(server):
    tree = new_tree(server, "empty")
    assert server.job(server.upload(f"/api/v1/trees/{tree}/imports", tablinum.TINY))["state"] == "succeeded"
    assert server.get(f"/api/v1/trees/{tree}")["persons"] == 3
    assert server.get(f"/api/v1/trees/{tree}")["name"] == "empty"
    assert server.upload(f"/api/v1/trees/{tree}/imports", tablinum.TINY).status == 409
    assert server.upload("/api/v1/trees/01900000-0000-7000-8000-000000000000/imports", tablinum.TINY).status == 404


@pytest.mark.parametrize("body,headers,status", [
    (b"{}", {"content-type": "application/json"}, 415),
    (tablinum.TINY, {"content-type": "text/plain"}, 415),
    (tablinum.TINY, {"content-type": "multipart/form-data"}, 422),
    (b"no boundary in here", {"content-type": "multipart/form-data; boundary=x"}, 422),
    (b"--x--\r\n", {"content-type": "multipart/form-data; boundary=x"}, 422),
    (b'--x\r\nContent-Disposition: form-data; name="gedcomFile"; filename="a"\r\n\r\n\r\n--x--\r\n', {"content-type": "multipart/form-data; boundary=x"}, 422),
    (b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\ny\r\n--x--\r\n', {"content-type": "multipart/form-data; boundary=x"}, 422),
])
def test_uploads_of_the_wrong_form_are_refused(server, body, headers, status):
    answer = server.ask("POST", "/api/v1/imports", body, headers)
    assert answer.status == status and answer.type == "application/problem+json", answer.body


def test_an_upload_over_the_limit_is_refused_before_it_is_sent(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall(f"POST /api/v1/imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                     f"Content-Length: {(4 << 30) + 1}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 413 ")


def failed_job(server, content, name="x.gdz"):
    trees = len(server.get("/api/v1/trees")["items"])
    job = server.job(server.upload("/api/v1/imports", content, name=name))
    assert job["state"] == "failed" and job["problem"], job
    assert len(server.get("/api/v1/trees")["items"]) == trees, "a failed import leaves no tree"
    return job["problem"]


@pytest.mark.parametrize("content", [b"\x00\x01garbage" * 1000, b"%PDF-1.7 nothing", b"\xff" * 5000, b"0" * 100_000])
def test_garbage_is_no_tree(server, content):
    failed_job(server, content)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_gedzip_is_no_tree(server, part):
    whole = tablinum.SAMPLE.read_bytes()
    failed_job(server, whole[:int(len(whole) * part)])


def test_a_zip_bomb_is_stopped(server):
    bomb = zipped(gedcom__ged=b"0 HEAD\n1 NOTE " + b"0" * (64 << 20) + b"\n0 TRLR\n")
    assert len(bomb) < 100_000
    started = time.monotonic()
    failed_job(server, bomb)
    assert time.monotonic() - started < 30
    failed_job(server, zipped(other__ged=b"0 HEAD\n0 TRLR\n"))


def test_a_truncated_gedcom_keeps_what_it_has(server):
    job = server.job(server.upload("/api/v1/imports", tablinum.TINY[:130]))
    assert job["state"] == "succeeded"
    messages = tablinum.all_rows(server, f"/api/v1/imports/{job['result']['importId']}/messages", 2)
    assert messages and all(m["severity"] in ("error", "warning", "info") for m in messages)
    csv = server.ask("GET", f"/api/v1/imports/{job['result']['importId']}/messages", headers={"accept": "text/csv"})
    assert csv.type == "text/csv" and csv.body.count(b"\r\n") == len(messages) + 1
    code = messages[0]["code"]
    some = tablinum.all_rows(server, f"/api/v1/imports/{job['result']['importId']}/messages", 50, code=code)
    assert some == [m for m in messages if m["code"] == code]


class Events:
    """Server-sent events of a stream, as (name, data)."""

    def __init__(self, server, topics):
        self.connection = server.connect()
        self.connection.request("GET", f"/api/v1/stream?topics={topics}", headers={"accept": "text/event-stream"})
        self.response = self.connection.getresponse()
        assert self.response.status == 200 and self.response.headers["content-type"].startswith("text/event-stream")

    def __iter__(self):
        name = data = ""
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data += line[5:].strip()
            elif not line and data:
                yield name, json.loads(data)
                name = data = ""

    def close(self):
        self.connection.close()


def test_a_job_is_followed_live_to_its_end(server):
    tree = new_tree(server, "live")
    watched = Events(server, f"tree:{tree}")
    answer = server.upload(f"/api/v1/trees/{tree}/imports", tablinum.SAMPLE.read_bytes(), name="sample.gdz")
    id = answer.json()["id"]
    events = Events(server, f"job:{id}")
    states = []
    for name, job in events:
        assert name == "job" and job["id"] == id
        states.append(job["state"])
        if job["state"] in ("succeeded", "failed"):
            break
    events.close()
    assert states[-1] == "succeeded" and set(states) <= {"queued", "running", "succeeded"}
    name, change = next(iter(watched))
    watched.close()
    assert name == "tree" and change["treeId"] == tree and change["version"] > 0


def test_many_streams_at_once_take_nothing_from_others(server):
    streams = [Events(server, "job:01900000-0000-7000-8000-000000000000") for _ in range(40)]
    assert server.get("/ready")["status"] == "ready"
    assert server.get("/api/v1/trees")["total"] > 0
    for stream in streams:
        stream.close()


def test_undo_takes_a_whole_import_back(server):
    imported = server.job(server.upload("/api/v1/imports", tablinum.TINY, treeName="soon gone"))["result"]["importId"]
    tree = server.get(f"/api/v1/imports/{imported}")["treeId"]
    person = server.get(f"/api/v1/trees/{tree}/persons")["items"][0]["id"]
    assert server.get(f"/api/v1/persons/{person}")["treeId"] == tree
    undone = server.job(server.ask("DELETE", f"/api/v1/imports/{imported}"))
    assert undone["state"] == "succeeded"
    assert server.ask("GET", f"/api/v1/trees/{tree}").status == 404
    assert server.ask("GET", f"/api/v1/persons/{person}").status == 404, "also not from memory"
    assert server.get(f"/api/v1/imports/{imported}")["state"] == "undone"
    assert server.ask("DELETE", f"/api/v1/imports/{imported}").status in (404, 409)
    assert server.ask("POST", f"/api/v1/jobs/{undone['id']}/cancel").status == 409


def test_places_of_a_file_are_found_and_counted_until_it_is_taken_back(server):
    """A place is a result of its own, leads to its page, and goes with its import."""
    text = tablinum.TINY.replace(b"0 TRLR", b"0 @I88@ INDI\n1 NAME Ada /Brook/\n1 BIRT\n2 PLAC Zwartkop, Umgeni\n1 DEAT\n2 PLAC Umgeni\n0 TRLR")
    tree = new_tree(server, "with places")
    job = server.job(server.upload(f"/api/v1/trees/{tree}/imports", text))
    listed = server.get(f"/api/v1/trees/{tree}/places")
    found = server.get("/api/v1/search", treeId=tree, type="place", limit=100)
    assert {p["name"] for p in listed["items"]} == {i["title"] for i in found["items"]}
    assert found["total"] == listed["total"] == sum(t["count"] for t in found["facets"]["types"])
    first = server.get("/api/v1/search", treeId=tree, q="zwartkop")["items"][0]
    assert (first["type"], first["title"], first["subtitle"], first["person"]) == ("place", "Zwartkop", "Umgeni", None)
    place = server.get(f"/api/v1/places/{first['id']}")
    assert place["name"] == "Zwartkop" and first["highlights"][0]["parts"][0]["match"] is True
    assert server.get("/api/search", q="zwartkop", type="place", familyTreeId=tree)["data"][0]["_id"] == first["id"]
    assert server.ask("POST", "/api/v1/search", {"query": "zwartkop", "family_tree_id": tree}).json()["results"][0]["id"] == first["id"]
    assert any(s["kind"] == "place" and s["text"] == "zwartkop" for s in server.get("/api/v1/search/suggest", treeId=tree, q="zwar")["items"])
    assert server.job(server.ask("DELETE", f"/api/v1/imports/{job['result']['importId']}"))["state"] == "succeeded"
    assert server.ask("GET", f"/api/v1/search?treeId={tree}&q=zwartkop").status == 404
    assert server.ask("GET", f"/api/v1/places/{first['id']}").status == 404


@pytest.mark.parametrize("media", [False, True])
def test_an_export_comes_in_again_with_the_same_structures(server, tree, sample, media):
    job = server.job(server.ask("POST", f"/api/v1/trees/{tree}/exports", {"version": "original", "media": media}))
    assert job["state"] == "succeeded"
    file = server.ask("GET", job["result"]["export"]["url"])
    assert file.status == 200 and file.headers["content-disposition"].startswith("attachment")
    text = tablinum.gedcom_of(file.body) if media else file.body.decode()
    assert tablinum.flat(tablinum.read_gedcom(text)) == tablinum.flat(sample)
    if media:
        with zipfile.ZipFile(io.BytesIO(file.body)) as out, zipfile.ZipFile(tablinum.SAMPLE) as came:
            assert {n: out.read(n) for n in out.namelist() if n != "gedcom.ged"} == {n: came.read(n) for n in came.namelist() if n != "gedcom.ged"}
    again = server.job(server.upload("/api/v1/imports", file.body, name="again.gdz" if media else "again.ged"))
    second = server.get(f"/api/v1/imports/{again['result']['importId']}")["treeId"]
    other = server.job(server.ask("POST", f"/api/v1/trees/{second}/exports", {"version": "original", "media": False}))
    assert server.ask("GET", other["result"]["export"]["url"]).body.decode() == (text if not media else tablinum.gedcom_of(file.body))


def test_an_export_that_is_not_offered_says_so(server, tree):
    ask = lambda body: server.ask("POST", f"/api/v1/trees/{tree}/exports", body).status
    assert ask({"version": "8"}) == 422 and ask({}) == 422
    assert ask({"version": "original", "audience": "everyone"}) == 422


def test_more_clients_than_database_connections_are_all_answered(server, tree, people):
    """Each request may hold one reader of the database: were any to wait for a second, this would stand still."""
    addresses = [f"/api/v1/persons/{p['id']}?include=family&lang=sn" for p in people[:48]]
    addresses += [f"/api/v1/search?treeId={tree}&q={p['given']}" for p in people[:48] if p["given"].isalpha()]
    addresses += [f"/api/v1/trees/{tree}/charts/hourglass?root={p['id']}" for p in people[:48]]
    addresses += [f"/api/v1/trees/{tree}/persons?sort=birth&skip={i}" for i in range(48)]
    with concurrent.futures.ThreadPoolExecutor(48) as pool:
        answers = list(pool.map(lambda address: server.ask("GET", address).status, addresses))
    assert set(answers) == {200}


def test_slow_and_broken_clients_do_not_stop_others(server):
    wires = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for i, wire in enumerate(wires):
        wire.sendall([b"GET /api/v1/trees HTTP/1.1\r\nHost: loc", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 10, b"POST /api/v1/imports HTTP/1.1\r\nHost: "
                      b"127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n"][i % 5])
    assert server.get("/ready")["status"] == "ready"
    for wire in wires:
        wire.close()
    assert server.get("/ready")["status"] == "ready"


def test_shutdown_finishes_an_upload_under_way(tmp_path):
    server = tablinum.Server(tmp_path / "data")
    body, headers = tablinum.form(tablinum.TINY, treeName="in time")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(f"POST /api/v1/imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {headers['content-type']}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:100])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None, "it waits for the upload"
        wire.sendall(body[100:])
        assert wire.recv(4096).startswith(b"HTTP/1.1 202 ")
    assert server.stop() == 0
    again = tablinum.Server(tmp_path / "data")
    deadline = time.monotonic() + 20
    while not (trees := again.get("/api/v1/trees")["items"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [t["name"] for t in trees] == ["in time"] and trees[0]["persons"] == 3
    assert again.stop(signal.SIGINT) == 0


def test_without_accounts_only_this_machine_is_served(tmp_path):
    import subprocess
    done = subprocess.run([tablinum.BINARY, "serve", "--data", str(tmp_path / "d"), "--listen", "0.0.0.0:0"], capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and "--insecure-no-accounts" in done.stderr


def test_a_picture_that_is_none_is_kept_and_never_run(server):
    family = b"""0 HEAD
1 GEDC
2 VERS 7.0
0 @I1@ INDI
1 NAME Ann /Lamb/
1 OBJE @O1@
1 OBJE @O2@
0 @O1@ OBJE
1 FILE photo.jpg
2 FORM image/jpeg
0 @O2@ OBJE
1 FILE drawing.svg
2 FORM image/svg+xml
0 TRLR
"""
    script = b"<html><script>alert(1)</script>"
    packed = zipped(**{"gedcom.ged": family, "photo.jpg": script, "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"})
    job = server.job(server.upload("/api/v1/imports", packed, name="pictures.gdz"))
    assert job["state"] == "succeeded", job
    tree = server.get(f"/api/v1/imports/{job['result']['importId']}")["treeId"]
    media = {m["fileName"]: m for m in server.get(f"/api/v1/trees/{tree}/media")["items"]}
    photo = server.ask("GET", media["photo.jpg"]["contentUrl"])
    assert photo.status == 200 and photo.body == script and photo.type != "text/html"
    drawing = server.ask("GET", media["drawing.svg"]["contentUrl"])
    assert drawing.type == "application/octet-stream" and drawing.headers["content-disposition"].startswith("attachment")
    for answer in (photo, drawing):
        assert answer.headers["x-content-type-options"] == "nosniff" and "default-src 'none'" in answer.headers["content-security-policy"]
    small = server.ask("GET", media["photo.jpg"]["thumbnailUrl"])
    assert small.status == 200 and small.type.startswith("image/") and media["drawing.svg"]["thumbnailUrl"] is None
