"""What the editing pages ask beyond change sets: order of children, places while typing, contradictions, history by name."""
import pytest
from tablinum import own_tree
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
    with own_tree(server, GEDCOM) as (tree, people):
        yield tree, people, server.get(f"/api/v1/persons/{people['Tendai']}", include="family")["family"]["unions"][0]["familyId"]


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
    assert paged(server, tree, 2, **{"filter[kind]": "edit"}) == [i["id"] for i in items if i["kind"] == "edit"]


def paged(server, tree, limit, **filters):
    """The ids of a filtered history, page by page."""
    seen, cursor = [], None
    while True:
        page = server.get(f"/api/v1/trees/{tree}/history", **filters, limit=limit, **({"cursor": cursor} if cursor else {}))
        seen += [i["id"] for i in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            return seen


def test_history_of_one_person(server, own):
    tree, people, _ = own
    anna = [change(server, tree, {"op": "addFact", "id": people["Anna"], "fact": {"type": "OCCU", "value": f"smith {n}"}})["changeSet"] for n in range(5)]
    john = change(server, tree, {"op": "addFact", "id": people["John"], "fact": {"type": "OCCU", "value": "smith"}})["changeSet"]
    undone = server.ask("POST", f"/api/v1/changesets/{john}/revert", {}).json()["changeSet"]
    both = change(server, tree, *[{"op": "addFact", "id": people[one], "fact": {"type": "EDUC", "value": "mission school"}} for one in ("Anna", "John")])
    everything = paged(server, tree, 200)
    of_anna = [both["changeSet"], *reversed(anna), everything[-1]]
    for limit in (1, 2, 3, 200):
        assert paged(server, tree, limit, **{"filter[record]": people["Anna"]}) == of_anna
    assert paged(server, tree, 2, **{"filter[record]": people["John"]}) == [both["changeSet"], undone, john, everything[-1]]
    assert paged(server, tree, 2, **{"filter[record]": people["John"], "filter[kind]": "undo"}) == [undone]
    assert paged(server, tree, 200, **{"filter[actor]": "owner"}) == everything
    assert paged(server, tree, 200, **{"filter[actor]": "program"}) == []


def test_history_of_a_time(server, own):
    tree, people, _ = own
    for n in range(3):
        change(server, tree, {"op": "addFact", "id": people["Anna"], "fact": {"type": "OCCU", "value": f"smith {n}"}})
    items = server.get(f"/api/v1/trees/{tree}/history")["items"]
    everything = [i["id"] for i in items]
    first, last, day = items[-1]["time"], items[0]["time"], items[0]["time"][:10]
    for time, want in ((f"{first}..{last}", everything), (f"{first[:19]}Z..", everything), (f"..{last}", everything), ("..", everything),
                       (f"{items[-1]['time'][:10]}..{day}", everything), ("..2020-02-29", []), ("2999-12-31..", []), ("2999-01-01..2999-12-31", []),
                       ("1960-01-01..1969-12-31", []), ("0001-01-01..9999-12-31", everything)):
        assert paged(server, tree, 2, **{"filter[time]": time}) == want, time
    at = {i["id"] for i in items if i["time"] == last}
    assert set(paged(server, tree, 1, **{"filter[time]": f"{last}..{last}"})) == at
    assert paged(server, tree, 1, **{"filter[time]": f"{last}..", "filter[record]": people["John"]}) == [i for i in at if i == everything[-1]]


@pytest.mark.parametrize("time", ["2026", "2026-02-31..", "yesterday..", "2026-1-1..", "..2026-11-21T05:20:00", "2026-11-21T05:20:00+01:00..", "2026-11-21"])
def test_what_is_no_time_is_refused(server, own, time):
    answer = server.ask("GET", f"/api/v1/trees/{own[0]}/history", **{"filter[time]": time})
    assert answer.status == 422 and "filter[time]" in answer.body.decode()


def test_history_of_nobody(server, own, tree):
    for id in ("0192f000-0000-7000-8000-000000000000", server.get(f"/api/v1/trees/{tree}")["homePersonId"]):
        assert server.ask("GET", f"/api/v1/trees/{own[0]}/history", **{"filter[record]": id}).status == 404


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


FAULTY = GEDCOM.replace("2 DATE 1850", "2 DATE 31 FEB 1850")


def test_what_an_import_has_found_is_said_to_be_right(server):
    with own_tree(server, FAULTY) as (tree, _):
        report = server.get(f"/api/v1/trees/{tree}/imports")["items"][0]
        group = next(g for g in report["groups"] if g["code"] == "date_invalid")
        assert all(g["right"] is None for g in report["groups"])
        path = f"/api/v1/imports/{report['id']}/groups/{group['code']}"
        answer = server.ask("POST", path, {"right": True, "note": "as on the stone"})
        assert answer.status == 200
        for read in (answer.json(), server.get(f"/api/v1/imports/{report['id']}")):
            judged = {g["code"]: g["right"] for g in read["groups"]}
            assert judged.pop(group["code"])["note"] == "as on the stone" and set(judged.values()) <= {None}
        assert server.ask("POST", path, {"right": False}).json() == report
        others = {"0192f000-0000-7000-8000-000000000000": group["code"], report["id"]: "no_such_code"}
        for id, code in others.items():
            assert server.ask("POST", f"/api/v1/imports/{id}/groups/{code}", {"right": True}).status == 404
        for body in ({}, {"right": "yes"}, {"right": True, "note": "x" * 1001}, []):
            assert server.ask("POST", path, body).status == 422
        assert server.get(f"/api/v1/imports/{report['id']}") == report
