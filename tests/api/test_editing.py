"""What the editing pages ask beyond change sets: order of children, places while typing, contradictions, history by name."""
import pytest
from test_changes import change, exported

GEDCOM = """0 HEAD
1 GEDC
2 VERS 5.5.1
1 CHAR UTF-8
0 @I1@ INDI
1 NAME Tendai /Moyo/
1 BIRT
2 DATE 1850
2 PLAC Umtali, Manicaland
2 NOTE said by Grace
1 DEAT
2 DATE 1849
1 FAMS @F1@
0 @I2@ INDI
1 NAME John /Moyo/
1 BIRT
2 PLAC Umtali, Manicaland
1 FAMC @F1@
0 @I3@ INDI
1 NAME Anna /Moyo/
1 RESI
2 PLAC Old Umtali, Manicaland
1 FAMC @F1@
0 @F1@ FAM
1 HUSB @I1@
1 CHIL @I2@
1 _KEPT between
1 CHIL @I3@
1 MARR
2 DATE 1870
2 SOUR @S1@
0 @S1@ SOUR
1 TITL Register
0 TRLR
"""


@pytest.fixture
def own(server):
    """(tree id, {given name: person id}, family id)"""
    tree = server.ask("POST", "/api/v1/trees", {"name": "to be edited"}).json()["id"]
    job = server.job(server.upload(f"/api/v1/trees/{tree}/imports", GEDCOM.encode(), "own.ged"))
    assert job["state"] == "succeeded", job
    people = {p["given"]: p["id"] for p in server.get(f"/api/v1/trees/{tree}/persons")["items"]}
    family = server.get(f"/api/v1/persons/{people['Tendai']}", include="family")["family"]["unions"][0]["familyId"]
    yield tree, people, family
    server.ask("DELETE", f"/api/trees/{tree}")


def children(server, family):
    return [(c["person"]["given"], c["pedigree"]) for c in server.get(f"/api/v1/families/{family}")["children"]]


def test_children_are_put_in_order_and_nothing_else_moves(server, own):
    tree, people, family = own
    before = exported(server, tree)
    version = server.get(f"/api/v1/families/{family}")["version"]
    done = change(server, tree, {"op": "order", "family": family, "children": [people["Anna"]], "ifMatch": f'"v{version}"'})
    assert children(server, family) == [("Anna", "birth"), ("John", "birth")]
    lines = exported(server, tree).decode().splitlines()
    at = lines.index("1 _KEPT between")
    assert lines[at - 1] == "1 CHIL @I3@" and lines[at + 1] == "1 CHIL @I2@"
    change(server, tree, {"op": "order", "family": family, "children": [people["John"]], "ifMatch": f'"v{version}"'}, status=412)
    change(server, tree, {"op": "order", "family": family, "children": [people["Tendai"]]}, status=404)
    change(server, tree, {"op": "order", "family": people["Anna"], "children": []}, status=422)
    change(server, tree, {"op": "order", "family": family}, status=422)
    assert server.ask("POST", f"/api/v1/changesets/{done['changeSet']}/revert", {}).status == 200
    assert exported(server, tree) == before


def test_a_child_that_is_one_gets_another_pedigree_and_loses_it_again(server, own):
    tree, people, family = own
    before = exported(server, tree)
    change(server, tree, {"op": "link", "family": family, "child": people["John"], "pedigree": "adopted"})
    assert children(server, family) == [("John", "adopted"), ("Anna", "birth")]
    change(server, tree, {"op": "link", "family": family, "child": people["John"]})
    assert children(server, family)[0] == ("John", "adopted")
    change(server, tree, {"op": "link", "family": family, "child": people["John"], "pedigree": "unknown"})
    assert exported(server, tree) == before


def test_a_note_says_where_it_stands(server, own):
    tree, people, _ = own
    def noted():
        return [n for f in server.get(f"/api/v1/persons/{people['Tendai']}")["facts"] for n in f["notes"]]
    note = noted()[0]
    assert note["text"] == "said by Grace" and note["part"].startswith(people["Tendai"] + "~")
    change(server, tree, {"op": "setNote", "id": note["part"], "note": {"text": "said by Ruth"}})
    assert [n["text"] for n in noted()] == ["said by Ruth"]


def test_places_while_typing(server, own):
    tree, _, _ = own
    found = server.get(f"/api/v1/trees/{tree}/places/suggest", q="umt")["items"]
    assert [(p["fullName"], p["events"]) for p in found] == [("Umtali, Manicaland", 2), ("Old Umtali, Manicaland", 1)]
    # What goes on after a comma is compared with the whole.
    assert [p["name"] for p in server.get(f"/api/v1/trees/{tree}/places/suggest", q="Umtali, Manica")["items"]] == ["Umtali", "Old Umtali"]
    assert server.get(f"/api/v1/trees/{tree}/places/suggest", q="Umtali, Rhodesia")["items"] == []
    assert server.get(f"/api/v1/trees/{tree}/places/suggest")["items"] == []
    assert server.ask("GET", f"/api/v1/trees/{tree}/places/suggest?q=a&limit=21").status == 422


def test_the_sources_of_a_family(server, own):
    _, _, family = own
    cited = server.get(f"/api/v1/families/{family}/citations")
    assert cited["total"] == 1 and cited["items"][0]["supports"][0]["type"] == "MARR"


def test_living_is_what_the_user_says(server, own):
    tree, people, _ = own
    john = f"/api/v1/persons/{people['John']}"
    assert server.get(john)["livingStated"] is None
    change(server, tree, {"op": "patch", "id": people["John"], "merge": {"living": False}})
    assert server.get(john)["livingStated"] is False and server.get(john)["living"] is False


def test_history_names_its_records_and_is_filtered(server, own):
    tree, people, family = own
    for n in range(3):
        change(server, tree, {"op": "addFact", "id": people["Anna"], "fact": {"type": "OCCU", "value": f"smith {n}"}})
    change(server, tree, {"op": "delete", "id": people["John"]})
    items = server.get(f"/api/v1/trees/{tree}/history")["items"]
    assert {(r["name"], r["deleted"]) for r in items[0]["records"]} == {("John Moyo", True), ("Tendai Moyo", False)}
    assert items[0]["recordsTotal"] == 2 and items[1]["records"][0]["name"] == "Anna Moyo" and items[-1]["recordsTotal"] == 0
    imports = server.get(f"/api/v1/trees/{tree}/history", **{"filter[kind]": "import", "limit": 1})
    assert [i["kind"] for i in imports["items"]] == ["import"]
    seen, cursor = [], None
    while True:
        page = server.get(f"/api/v1/trees/{tree}/history", **{"filter[kind]": "edit", "limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += [i["id"] for i in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == [i["id"] for i in items if i["kind"] == "edit"]


def test_a_contradiction_is_found_said_to_be_right_and_found_again_when_its_dates_change(server, own):
    tree, people, _ = own
    path = f"/api/v1/trees/{tree}/checks"
    mine = {"filter[code]": "death_before_birth"}
    found = server.get(path, **mine)
    assert found["total"] == 1 and {"code": "death_before_birth", "severity": "error", "open": 1, "right": 0} in found["groups"]
    one = found["items"][0]
    assert one["first"]["fact"]["type"] == "DEAT" and one["second"]["fact"]["type"] == "BIRT" and one["right"] is None
    assert one["first"]["persons"][0]["name"] == "Tendai Moyo" and one["days"] > 0
    said = server.ask("POST", f"{path}/{one['id']}", {"right": True, "note": "two calendars"})
    assert said.status == 200 and said.json()["right"]["note"] == "two calendars" and said.json()["right"]["actor"] == "owner"
    assert server.get(path, **mine)["total"] == 0 and server.get(path, **{"filter[right]": "true"})["items"][0]["id"] == one["id"]
    # A change elsewhere leaves the word as it is.
    change(server, tree, {"op": "patch", "id": people["Anna"], "merge": {"sex": "F"}})
    assert server.get(path, **mine)["total"] == 0
    change(server, tree, {"op": "setFact", "id": one["first"]["fact"]["id"], "fact": {"date": "1840"}})
    again = server.get(path, **mine)
    assert again["total"] == 1 and again["items"][0]["id"] != one["id"]
    assert server.ask("POST", f"{path}/{one['id']}", {"right": True}).status == 404
    other = again["items"][0]["id"]
    assert server.ask("POST", f"{path}/{other}", {"right": True}).status == 200
    assert server.ask("POST", f"{path}/{other}", {"right": False}).json()["right"] is None
    assert server.get(path, **mine)["total"] == 1


@pytest.mark.parametrize("body", [{}, {"right": "yes"}, {"right": True, "note": 3}, {"right": True, "note": "x" * 1001}, []])
def test_what_is_no_word_about_a_contradiction_is_refused(server, own, body):
    tree, _, _ = own
    one = server.get(f"/api/v1/trees/{tree}/checks")["items"][0]["id"]
    assert server.ask("POST", f"/api/v1/trees/{tree}/checks/{one}", body).status == 422
