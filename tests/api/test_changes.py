"""Writing: change sets, single records, history, undo; and the reference's paths that write. Each test has a tree of its own."""
import json
import threading
import pytest
from tablinum import own_tree
from test_jobs import Events

GEDCOM = """0 HEAD
1 GEDC
2 VERS 5.5.1
1 CHAR UTF-8
0 @I1@ INDI
1 NAME Tendai /Moyo/
1 SEX M
1 BIRT
2 DATE 1850
2 PLAC Harare, Zimbabwe
1 FAMS @F1@
0 @I2@ INDI
1 NAME Rudo /Ncube/
1 SEX F
1 FAMS @F1@
0 @I3@ INDI
1 NAME John /Moyo/
1 SEX M
1 _VENDOR kept
1 FAMC @F1@
0 @F1@ FAM
1 HUSB @I1@
1 WIFE @I2@
1 CHIL @I3@
0 @S1@ SOUR
1 TITL Register
0 TRLR
"""


@pytest.fixture
def own(server):
    """(tree id, {given name: person id})"""
    with own_tree(server, GEDCOM) as made:
        yield made


def change(server, tree, *ops, status=200, headers=None, **query):
    answer = server.ask("POST", f"/api/v1/trees/{tree}/changes", {"reason": "a test", "ops": list(ops)}, headers or {}, **query)
    assert answer.status == status, answer.body
    return answer.json()


def exported(server, tree):
    job = server.job(server.ask("POST", f"/api/v1/trees/{tree}/exports", {"version": "original", "media": False}))
    return server.ask("GET", job["result"]["export"]["url"]).body


def test_a_family_is_entered_found_and_taken_back(server, own):
    tree, people = own
    before = exported(server, tree)
    family = server.get(f"/api/v1/persons/{people['Tendai']}", include="family")["family"]["unions"][0]["familyId"]
    version = server.get(f"/api/v1/trees/{tree}")["version"]
    done = change(server, tree,
                  {"op": "create", "ref": "#1", "record": {"kind": "person", "sex": "F", "names": [{"given": "Chipo", "surname": "Zvobgo"}],
                                                          "facts": [{"type": "BIRT", "date": "3 May 1880", "place": "Gweru, Zimbabwe",
                                                                     "citations": [{"sourceId": "#2", "page": "4", "quality": 3}]}]}},
                  {"op": "create", "ref": "#2", "record": {"kind": "source", "title": "Census 1911"}},
                  {"op": "link", "family": family, "child": "#1", "pedigree": "birth"})
    chipo = done["ids"]["#1"]
    person = server.get(f"/api/v1/persons/{chipo}", include="family")
    assert person["names"][0]["text"] == "Chipo Zvobgo" and person["facts"][0]["quality"] == 3
    assert [p["id"] for p in person["family"]["parentFamilies"][0]["partners"]] == [people["Tendai"], people["Rudo"]]
    assert server.get("/api/v1/search", q="zvobgo", treeId=tree)["total"] == 1
    assert server.get(f"/api/v1/trees/{tree}")["persons"] == 4 and server.get(f"/api/v1/trees/{tree}")["version"] == version + 1
    assert server.get(f"/api/v1/trees/{tree}/statistics")["persons"] == 4
    assert b"Zvobgo" in exported(server, tree)
    history = server.get(f"/api/v1/trees/{tree}/history")["items"]
    assert history[0]["id"] == done["changeSet"] and history[0]["reason"] == "a test" and history[-1]["kind"] == "import"
    detail = server.get(f"/api/v1/changesets/{done['changeSet']}")
    assert {r["kind"] for r in detail["records"]} == {"person", "family", "source"}
    assert any("NAME Chipo /Zvobgo/" in line for r in detail["records"] for d in r["differences"] for line in d["after"])
    undone = server.ask("POST", f"/api/v1/changesets/{done['changeSet']}/revert", {"reason": "not ours"})
    assert undone.status == 200
    assert exported(server, tree) == before
    assert server.ask("GET", f"/api/v1/persons/{chipo}").status == 404
    assert server.get("/api/v1/search", q="zvobgo", treeId=tree)["total"] == 0
    assert server.get(f"/api/v1/trees/{tree}/history")["items"][0]["undoes"] == done["changeSet"]


def test_who_changed_it_first_is_told_to_the_second(server, own):
    tree, people = own
    john = people["John"]
    answer = server.ask("GET", f"/api/v1/persons/{john}")
    etag, body = answer.headers["etag"], {"sex": "X"}
    path = f"/api/v1/persons/{john}"
    assert server.ask("PATCH", path, body).status == 428
    first = server.ask("PATCH", path, body, {"if-match": etag})
    assert first.status == 200 and first.json()["sex"] == "X" and first.json()["version"] == 2
    second = server.ask("PATCH", path, {"sex": "M"}, {"if-match": etag})
    assert second.status == 412 and second.headers["content-type"] == "application/problem+json"
    problem = second.json()
    assert problem["code"] == "version_conflict" and problem["current"]["sex"] == "X" and problem["currentEtag"] == '"v2"'
    assert server.ask("PATCH", path, {"sex": "M"}, {"if-match": problem["currentEtag"]}).status == 200
    assert server.ask("PATCH", path, {"sex": "F"}, {"if-match": "*"}).status == 200
    assert server.ask("PATCH", path, {"sex": "F"}, {"if-match": "yesterday"}).status == 422
    assert "1 _VENDOR kept" in exported(server, tree).decode()


def test_many_at_once_write_one_after_the_other(server, own):
    tree, people = own
    etag = server.ask("GET", f"/api/v1/persons/{people['John']}").headers["etag"]
    statuses = []

    def write(n):
        statuses.append(server.ask("PATCH", f"/api/v1/persons/{people['John']}", {"facts": [{"type": "OCCU", "value": f"smith {n}"}]},
                                   {"if-match": etag}).status)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * 7
    assert len(server.get(f"/api/v1/persons/{people['John']}")["facts"]) == 1


def test_what_was_read_can_be_sent_back_and_changes_nothing(server, own):
    tree, people = own
    before = exported(server, tree)
    for person in people.values():
        read = server.get(f"/api/v1/persons/{person}")
        body = {key: read[key] for key in ("names", "facts")}
        assert server.ask("PATCH", f"/api/v1/persons/{person}", body, {"if-match": "*"}).status == 200
        assert server.get(f"/api/v1/persons/{person}")["version"] == 1
    assert exported(server, tree) == before


def test_nobody_is_an_own_ancestor(server, own):
    tree, people = own
    before = exported(server, tree)
    problem = change(server, tree, {"op": "create", "ref": "#f", "record": {"kind": "family"}},
                     {"op": "link", "family": "#f", "partner": people["John"]},
                     {"op": "link", "family": "#f", "child": people["Tendai"]}, status=409)
    assert problem["code"] == "cycle" and {p["id"] for p in problem["path"]} == {people["John"], people["Tendai"]}
    assert {p["name"] for p in problem["path"]} == {"John Moyo", "Tendai Moyo"}
    assert exported(server, tree) == before


def test_a_dry_run_says_what_would_be(server, own):
    tree, people = own
    version = server.get(f"/api/v1/trees/{tree}")["version"]
    tried = change(server, tree, {"op": "addFact", "id": people["John"], "fact": {"type": "DEAT", "date": "1931"}}, dryRun="true")
    assert tried["dryRun"] and tried["records"][0]["version"] == 2
    assert server.get(f"/api/v1/trees/{tree}")["version"] == version and server.get(f"/api/v1/persons/{people['John']}")["facts"] == []


def test_asked_twice_done_once(server, own):
    tree, people = own
    operation = {"op": "addFact", "id": people["John"], "fact": {"type": "RESI", "date": "1900"}}
    key = {"idempotency-key": "tab-1"}
    first, again = change(server, tree, operation, headers=key), change(server, tree, operation, headers=key)
    assert first["changeSet"] == again["changeSet"] and first["records"] == again["records"]
    assert len(server.get(f"/api/v1/persons/{people['John']}")["facts"]) == 1
    other = {**operation, "fact": {"type": "RESI", "date": "1901"}}
    assert change(server, tree, other, headers=key, status=422)["code"] == "idempotency_key_reused"
    change(server, tree, other, headers={"idempotency-key": "tab-2"})


def test_undo_is_refused_where_it_would_take_others_work(server, own):
    tree, people = own
    john = people["John"]
    first = change(server, tree, {"op": "addFact", "id": john, "fact": {"type": "RESI", "date": "1900"}})
    change(server, tree, {"op": "addFact", "id": john, "fact": {"type": "RESI", "date": "1901"}})
    refused = server.ask("POST", f"/api/v1/changesets/{first['changeSet']}/revert")
    assert refused.status == 409 and refused.json()["code"] == "later_changes" and refused.json()["fields"] == ["residence"]
    history = server.get(f"/api/v1/records/{john}/history")
    assert [v["version"] for v in history["items"]] == [3, 2, 1]
    compared = server.get(f"/api/v1/records/{john}/versions/3", against=1)
    assert compared["differences"] == [{"field": "residence", "before": [], "after": ["RESI\n  DATE 1900", "RESI\n  DATE 1901"]}]
    reverted = server.ask("POST", f"/api/v1/records/{john}/revert", {"version": 1})
    assert reverted.status == 200 and server.get(f"/api/v1/persons/{john}")["facts"] == []
    assert server.ask("POST", f"/api/v1/records/{john}/revert", {"version": 9}).status == 404
    assert server.ask("POST", f"/api/v1/records/{john}/revert", {"version": 2}, {"if-match": '"v1"'}).status == 412


def test_sources_in_use_stay(server, own):
    tree, people = own
    source = server.get(f"/api/v1/trees/{tree}/sources")["items"][0]["id"]
    change(server, tree, {"op": "addCitation", "id": people["John"], "citation": {"sourceId": source, "page": "3"}})
    path = f"/api/v1/sources/{source}"
    refused = server.ask("DELETE", path, headers={"if-match": "*"})
    assert refused.status == 409 and refused.json()["code"] == "in_use" and refused.json()["path"][0]["name"] == "John Moyo"
    assert server.ask("DELETE", path, headers={"if-match": "*"}, everywhere="true").status == 200
    assert server.ask("GET", path).status == 404


HOSTILE = ["<script>alert(1)<\\script>", "\u202egnorw", "x" * 4096, "'; DROP TABLE person; --", "0 @I9@ INDI", "漢字 🧬", "a@b.c", "@#DJULIAN@"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_texts_and_nothing_else(server, own, text):
    tree, people = own
    change(server, tree, {"op": "addName", "id": people["John"], "name": {"given": text, "surname": "X"}})
    assert server.get(f"/api/v1/persons/{people['John']}")["names"][1]["given"] == text.strip()
    again = server.ask("POST", "/api/v1/trees", {"name": "again"}).json()["id"]
    assert server.job(server.upload(f"/api/v1/trees/{again}/imports", exported(server, tree), "again.ged"))["state"] == "succeeded"
    assert server.get(f"/api/v1/trees/{again}")["persons"] == 3


@pytest.mark.parametrize("name, status", [({"given": "x" * 4097}, 413), ({"given": "x" * (1 << 20)}, 413), ({"given": "a\nb"}, 422),
                                          ({"given": "a\0b"}, 422), ({"given": "a/b"}, 422), ({"given": 7}, 422), ({"givn": "x"}, 422)])
def test_what_is_no_name_is_refused(server, own, name, status):
    tree, people = own
    change(server, tree, {"op": "addName", "id": people["John"], "name": name}, status=status)
    assert len(server.get(f"/api/v1/persons/{people['John']}")["names"]) == 1


def test_other_peoples_pages_cannot_write(server, own):
    tree, people = own
    body = json.dumps({"ops": [{"op": "delete", "id": people["John"]}]}).encode()
    path = f"/api/v1/trees/{tree}/changes"
    assert server.ask("POST", path, body, {"content-type": "application/json", "origin": "https://evil.example"}).status == 403
    assert server.ask("POST", path, body, {"content-type": "text/plain"}).status == 415
    assert server.ask("DELETE", f"/api/v1/persons/{people['John']}", headers={"if-match": "*", "sec-fetch-site": "cross-site"}).status == 403
    assert server.get(f"/api/v1/persons/{people['John']}")["version"] == 1


def test_the_stream_tells_of_a_change(server, own):
    tree, people = own
    events = Events(server, f"tree:{tree}")
    change(server, tree, {"op": "addFact", "id": people["John"], "fact": {"type": "RESI", "date": "1900"}})
    name, event = next(iter(events))
    events.close()
    assert name == "tree" and event == {"treeId": tree, "version": server.get(f"/api/v1/trees/{tree}")["version"]}


# ---- The reference's paths

def test_members_as_the_pages_send_them(server, own):
    tree, people = own
    made = server.ask("POST", "/api/genealogy/members/", {"familyTreeId": tree, "firstName": "Chipo", "lastName": "Zvobgo", "gender": "female",
                                                         "birthDate": "1880-05-03T00:00:00.000Z", "birthPlace": "Gweru", "biography": "kept bees"})
    assert made.status == 201
    member = made.json()
    assert (member["firstName"], member["gender"], member["birthDate"], member["birthPlace"]) == ("Chipo", "female", "1880-05-03", "Gweru")
    assert member["biography"] == "kept bees" and member["changeSet"]
    path = f"/api/genealogy/persons/{member['id']}"
    changed = server.ask("PUT", path, {**member, "nickname": "Chip", "occupation": "beekeeper", "deathDate": "1950", "isLiving": False}).json()
    assert changed["nickname"] == "Chip" and changed["occupation"] == "beekeeper" and changed["death_date_string"] == "1950"
    assert (changed["firstName"], changed["birthDate"]) == ("Chipo", "1880-05-03")
    assert server.ask("PUT", path, {"gender": "starfish"}).status == 422
    assert server.ask("POST", "/api/genealogy/members", {"familyTreeId": tree, "gender": "male"}).status == 422
    assert server.ask("POST", "/api/genealogy/members", {"familyTreeId": tree, "firstName": "x" * 101}).status == 422
    history = server.get(f"{path}/history")
    assert [h["changeType"] for h in history] == ["UPDATE", "CREATE"]
    assert server.ask("POST", f"{path}/revert", {"version": 1}).status == 200
    assert server.get(path)["occupation"] == ""
    assert server.get(f"{path}/history")[0]["changeType"] == "REVERT"
    assert server.ask("DELETE", path).json()["id"] == member["id"]
    assert server.ask("GET", path).status == 404


def test_relationships_as_the_pages_send_them(server, own):
    tree, people = own
    tie = lambda body, status=201: server.ask("POST", "/api/genealogy/relationships", body)
    wife = server.ask("POST", "/v1/persons", {"tree_id": tree, "first_name": "Anna", "gender": "FEMALE"}).json()["id"]
    child = server.ask("POST", f"/v1/trees/{tree}/persons", {"first_name": "Peter", "gender": "MALE"}).json()["id"]
    john = people["John"]
    married = tie({"person1Id": john, "person2Id": wife, "type": "SPOUSE", "startDate": "1921-06-01"})
    assert married.status == 201 and married.json()["startDate"] == "1921-06-01" and married.json()["type"] == "SPOUSE"
    assert tie({"person1Id": john, "person2Id": wife, "type": "SPOUSE"}).status == 409
    assert tie({"person1_id": john, "person2_id": child, "relationship_type": "PARENT"}).status == 201
    assert server.get(f"/v1/persons/{child}")["parentIds"] == [john]
    assert tie({"person1Id": wife, "person2Id": child, "type": "PARENT_CHILD"}).status == 201
    assert sorted(server.get(f"/v1/persons/{child}")["parentIds"]) == sorted([john, wife])
    assert tie({"person1Id": people["Rudo"], "person2Id": child, "type": "PARENT_CHILD"}).status == 422
    cycle = tie({"person1Id": child, "person2Id": people["Tendai"], "type": "PARENT_CHILD"})
    assert cycle.status == 409 and cycle.json()["code"] == "cycle" and len(cycle.json()["path"]) == 3
    assert server.ask("DELETE", f"/api/relationships/{married.json()['id']}").status == 409
    found = server.get(f"/v1/persons/{child}/relationships")["items"]
    mine = next(r for r in found if r["person1Id"] == wife)
    moved = server.ask("PUT", f"/v1/relationships/{married.json()['id']}", {"place": "Selby"})
    assert moved.status == 200 and moved.json()["place"] == "Selby" and moved.json()["startDate"] == "1921-06-01"
    assert server.ask("DELETE", f"/v1/relationships/{mine['id']}").status == 200
    assert server.get(f"/v1/persons/{child}")["parentIds"] == [john]
    assert server.ask("DELETE", f"/v1/relationships/{married.json()['id']}").status == 200
    assert server.get(f"/v1/persons/{john}")["spouseIds"] == []
    other = server.ask("POST", "/v1/persons", {"tree_id": tree, "first_name": "Ruth"}).json()["id"]
    assert tie({"person1Id": john, "person2Id": other, "type": "SIBLING"}).status == 201
    assert server.get(f"/v1/persons/{other}")["parentIds"] == server.get(f"/v1/persons/{john}")["parentIds"] != []
    for wrong in ({}, {"person1Id": john, "person2Id": john, "type": "SPOUSE"}, {"person1Id": john, "person2Id": wife, "type": "ENEMY"}):
        assert tie(wrong).status == 422
    assert tie({"person1Id": john, "person2Id": tree, "type": "SPOUSE"}).status == 404


def test_events_as_the_pages_send_them(server, own):
    tree, people = own
    made = server.ask("POST", "/api/genealogy/events/", {"title": "Moved", "type": "MIGRATION", "date": "1890-01-02", "content": "by ox cart",
                                                        "place": {"name": "Bulawayo"}, "familyTreeId": tree,
                                                        "relatedPersons": [people["John"]]})
    assert made.status == 201 and made.json()["type"] == "MIGRATION" and made.json()["date"] == "1890-01-02"
    path = f"/api/genealogy/events/{made.json()['id']}"
    changed = server.ask("PUT", path, {"date": "1891", "place": {"name": "Gweru"}}).json()
    assert changed["date"] == "1891" and changed["place"]["name"] == "Gweru" and changed["id"] == made.json()["id"]
    shared = server.ask("POST", "/api/events", {"type": "ENGAGEMENT", "date": "1870", "relatedPersons": [people["Tendai"], people["Rudo"]]})
    assert shared.status == 201 and sorted(shared.json()["relatedPersons"]) == sorted([people["Tendai"], people["Rudo"]])
    assert server.ask("DELETE", path).status == 200 and server.ask("GET", path).status == 404
    assert server.ask("PUT", path, {"date": "1900"}).status == 404
    assert server.ask("POST", "/api/events", {"type": "PARADE", "relatedPersons": [people["John"]]}).status == 422
    assert server.ask("POST", "/api/events", {"type": "BIRTH"}).status == 422


def test_trees_are_renamed_and_deleted(server, own):
    tree, _ = own
    path = f"/api/genealogy/family-trees/{tree}"
    assert server.ask("PUT", path, {"name": "Renamed"}).json()["name"] == "Renamed"
    assert server.get(f"/api/v1/trees/{tree}")["name"] == "Renamed"
    assert server.ask("PUT", path, {"name": ""}).status == 422
    assert server.ask("DELETE", path).json()["id"] == tree
    assert server.ask("GET", path).status == 404 and tree not in [t["id"] for t in server.get("/api/v1/trees")["items"]]
