"""The reference platform's paths: the same rows as /api/v1, in its shapes."""
import pytest
import tablinum

SERVICE = ["/api/genealogy", "/api/v1/genealogy", "/v1"]


@pytest.mark.parametrize("prefix", SERVICE)
@pytest.mark.parametrize("slash", ["", "/"])
def test_family_trees_of_the_services(server, tree, prefix, slash):
    answer = server.get(f"{prefix}/family-trees{slash}", skip=0, limit=200)
    assert set(answer) == {"items", "total"} and answer["total"] == len(answer["items"]) == server.get("/api/v1/trees")["total"]
    one = next(t for t in answer["items"] if t["id"] == tree)
    assert one["_id"] == tree and one["privacy"] == "PRIVATE" and one["statistics"]["persons"] == 296
    assert {"owner_id", "created_at", "updated_at", "root_person_id", "createdAt"} <= set(one)
    assert server.get(f"{prefix}/family-trees/{tree}") == one
    assert server.ask("GET", f"{prefix}/family-trees", limit=201).status == 422


def test_family_trees_of_the_pages(server, tree):
    answer = server.get("/api/family-trees", page=1, limit=1)
    pagination = answer["pagination"]
    assert set(answer) == {"trees", "pagination"} and len(answer["trees"]) == 1
    assert pagination["page"] == 1 and pagination["limit"] == 1 and pagination["pages"] == pagination["total"] == pagination["totalPages"]
    every = [server.get("/api/family-trees", page=page, limit=1)["trees"][0]["id"] for page in range(1, pagination["pages"] + 1)]
    assert len(set(every)) == pagination["total"] and tree in every
    assert [t["id"] for t in server.get("/api/family-trees/", search="moyo-whitfield")["trees"]].count(tree) == 1


@pytest.mark.parametrize("path", ["/api/genealogy/family-trees/", "/api/family-trees", "/v1/family-trees"])
def test_a_tree_is_made(server, path):
    made = server.ask("POST", path, {"name": "By the page", "description": "", "privacy": "private"})
    assert made.status == 201 and made.json()["name"] == "By the page"
    assert server.get(f"/api/v1/trees/{made.json()['_id']}")["name"] == "By the page"
    assert server.ask("POST", path, {"name": ""}).status == 422


def all_members(server, path, name, limit, **query):
    rows, total = [], 1
    while len(rows) < total:
        answer = server.get(path, skip=len(rows), limit=limit, **query)
        total = answer["total"] if "total" in answer else answer["pagination"]["total"]
        assert answer[name]
        rows += answer[name]
    assert len(rows) == total
    return rows


def test_members_are_the_people(server, tree, people):
    for prefix in SERVICE:
        rows = all_members(server, f"{prefix}/trees/{tree}/persons", "items", 100)
        assert [r["id"] for r in rows] == [p["id"] for p in people]
    rows = all_members(server, "/api/genealogy/persons/", "persons", 100, treeId=tree)
    for member, person in zip(rows, people, strict=True):
        assert member["_id"] == member["id"] == person["id"] and member["familyTreeId"] == tree
        assert (member["firstName"], member["lastName"]) == (person["given"], person["surname"])
        assert member["gender"] == {"M": "male", "F": "female", "X": "other", "U": "unknown"}[person["sex"]]
        assert member["isLiving"] == member["is_living"] == person["living"]
        if person["birth"] and person["birth"]["date"] and person["birth"]["date"]["precision"] == "day":
            assert member["birthDate"] == person["birth"]["date"]["from"]


def test_parents_spouses_and_children_mirror_each_other(server, tree):
    members = {m["id"]: m for m in all_members(server, f"/v1/trees/{tree}/persons", "items", 200)}
    links = 0
    for member in members.values():
        for parent in member["parentIds"]:
            assert member["id"] in members[parent]["childIds"]
            links += 1
        for spouse in member["spouseIds"]:
            assert member["id"] in members[spouse]["spouseIds"]
        for child in member["childIds"]:
            assert member["id"] in members[child]["parentIds"]
    assert links > 200


@pytest.mark.parametrize("path", ["/api/genealogy/persons/{}", "/api/v1/genealogy/persons/{}", "/v1/persons/{}", "/api/persons/{}",
                                  "/api/genealogy/members/{}"])
def test_one_member(server, home, path):
    member = server.get(path.format(home))
    assert member == server.get(f"/v1/persons/{home}")
    assert member["id"] == home and member["primary_name"]["surname"] == member["lastName"]
    assert server.ask("GET", path.format("01900000-0000-7000-8000-000000000000")).status == 404


def test_details_are_the_people_around(server, home):
    details = server.get(f"/api/genealogy/members/{home}/details")
    person = details["person"]
    for name, ids in (("parents", "parentIds"), ("children", "childIds"), ("spouses", "spouseIds")):
        assert sorted(p["id"] for p in details[name]) == sorted(person[ids])
    assert home not in [p["id"] for p in details["siblings"]]


def test_search_by_name(server, tree):
    for path in ("/v1/persons/search/", "/api/genealogy/persons/search", "/api/v1/persons/search"):
        found = server.get(path, name="moyo", tree_id=tree, limit=100)
        assert found["total"] == len(found["items"]) > 10 and {"Moyo"} <= {m["lastName"] for m in found["items"]}
        assert server.ask("GET", path, name="m").status == 422 and server.ask("GET", path).status == 422
    assert server.get("/api/genealogy/persons", treeId=tree, search="moyo")["pagination"]["total"] == found["total"]


def test_relationships_of_a_person(server, home):
    member = server.get(f"/v1/persons/{home}")
    path = f"/api/genealogy/persons/{home}/relationships"
    rows = server.get(path)
    assert rows["total"] == len(rows["items"])
    of = lambda kind: server.get(path, relationship_type=kind)["items"]
    assert sorted(r["person1_id"] for r in of("child")) == sorted(member["parentIds"])
    assert sorted(r["person2_id"] for r in of("PARENT")) == sorted(member["childIds"])
    assert sorted({r["person1Id"], r["person2Id"]} - {home} for r in of("SPOUSE")) == sorted({s} for s in member["spouseIds"])
    for one in rows["items"]:
        again = server.get(f"/v1/relationships/{one['id']}")
        assert again["type"] == one["type"] and {again["person1Id"], again["person2Id"]} == {one["person1Id"], one["person2Id"]}
    for wrong in ("x", "~~~", rows["items"][0]["id"].replace("spouse", "child"), rows["items"][0]["id"] + "~"):
        if wrong != rows["items"][0]["id"]:
            assert server.ask("GET", f"/v1/relationships/{wrong}").status == 404


def test_events(server, tree, home, sample):
    rows = all_members(server, f"/api/genealogy/trees/{tree}/events", "items", 500)
    births = all_members(server, f"/v1/trees/{tree}/events", "items", 500, event_type="BIRTH")
    assert len(births) == sum(1 for r in sample if r.tag == "INDI" and r.all("BIRT")) == len([r for r in rows if r["type"] == "BIRTH"])
    assert len({r["id"] for r in rows}) == len(rows)
    pages = server.get("/api/genealogy/events", familyTreeId=tree, limit=5, page=2)
    assert [e["id"] for e in pages["events"]] == [e["id"] for e in rows[5:10]] and pages["pagination"]["total"] == len(rows)
    assert server.get("/api/events", familyTreeId=tree, limit=5, page=2)["data"] == pages["events"]
    own = server.get(f"/v1/persons/{home}/events")["items"]
    assert own and all(home in e["relatedPersons"] for e in own)
    assert server.get(f"/api/events/{own[0]['id']}") == own[0]
    for wrong in ("x", own[0]["id"] + "9999999", own[0]["id"].split("~")[0] + "~65535", "01900000-0000-7000-8000-000000000000~1"):
        assert server.ask("GET", f"/api/events/{wrong}").status == 404
    assert server.ask("GET", f"/v1/trees/{tree}/events", event_type="nonsense").status == 422


def test_the_whole_tree_at_once(server, tree):
    whole = server.get("/api/genealogy/family-tree", treeId=tree)
    assert len(whole["members"]) == 296
    couples = [r for r in whole["relationships"] if r["type"] == "SPOUSE"]
    assert len({r["id"] for r in whole["relationships"]}) == len(whole["relationships"]) and len(couples) > 50


@pytest.mark.parametrize("path", ["/api/genealogy/family-trees/{}/{}/gedcom", "/api/trees/{}/{}/gedcom"])
def test_gedcom_out_and_in(server, tree, sample, path):
    out = server.ask("GET", path.format(tree, "export"))
    assert out.status == 200 and "attachment" in out.headers["content-disposition"]
    assert tablinum.flat(tablinum.read_gedcom(out.body.decode())) == tablinum.flat(sample)
    empty = server.ask("POST", "/api/v1/trees", {"name": "for the file"}).json()["id"]
    into = server.upload(path.format(empty, "import"), out.body)
    assert into.status == 200, into.body
    assert into.json()["individualsImported"] == 296 and into.json()["familiesProcessed"] == 80
    assert into.json()["relationshipsCreated"] == len(server.get("/api/family-tree", treeId=empty)["relationships"])
    assert server.upload(path.format(empty, "import"), out.body).status == 409
    assert server.ask("POST", path.format(empty, "import"), b"x", {"content-type": "text/plain"}).status == 415


def test_search_of_the_pages(server, tree):
    found = server.get("/api/search", q="moyo", type="person,event,comment", familyTreeId=tree, page=2, limit=5)
    assert found["pagination"]["page"] == 2 and len(found["data"]) == 5
    hit = found["data"][0]
    assert set(hit) == {"_id", "_score", "_index", "_source", "highlight"} and hit["_index"] == "dzinza_persons" and hit["_source"]["id"] == hit["_id"]
    seen = [h["_id"] for page in range(1, found["pagination"]["pages"] + 1)
            for h in server.get("/api/search", q="moyo", type="person", familyTreeId=tree, page=page, limit=5)["data"]]
    assert len(seen) == len(set(seen)) == found["pagination"]["total"]


def test_search_of_the_services(server, tree):
    body = {"query": "moyo", "document_types": ["person"], "family_tree_id": tree, "skip": 0, "limit": 10}
    found = server.ask("POST", "/api/v1/search", body).json()
    assert found["per_page"] == 10 and len(found["results"]) == 10 and found["total_pages"] == -(-found["total"] // 10)
    assert all(r["document_type"] == "person" and r["metadata"]["id"] == r["id"] for r in found["results"])
    assert {f["value"]: f["count"] for f in found["facets"]["surname"]}
    exact = server.ask("POST", "/api/search/person", {"last_name": "Moyo", "birth_date": {"from": "1900-01-01", "to": "1950-12-31"},
                                                      "family_tree_id": tree}).json()
    assert exact["results"] and all(r["metadata"]["surname"] == "Moyo" for r in exact["results"])
    for wrong in ([], "x", {"limit": 0}, {"limit": 101}, {"skip": -1}, {"sort_by": "height"}):
        assert server.ask("POST", "/api/v1/search", wrong if isinstance(wrong, (dict, list)) else b'"x"',
                          {"content-type": "application/json"}).status == 422
    assert server.ask("POST", "/api/v1/search", {"query": 'say "', "family_tree_id": tree}).status in (200, 422)
