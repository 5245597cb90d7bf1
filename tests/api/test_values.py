"""Values against the sample's own GEDCOM; lists that give each row once; filters; charts that hang together."""
import collections
import itertools
import json

import pytest
import tablinum


def tagged(sample, tag):
    return [record for record in sample if record.tag == tag]


def test_counts(server, tree, sample):
    numbers = server.get(f"/api/v1/trees/{tree}/statistics")
    for key, tag in (("persons", "INDI"), ("families", "FAM"), ("sources", "SOUR"), ("repositories", "REPO"), ("media", "OBJE")):
        assert numbers[key] == len(tagged(sample, tag)), key
    citations = sum(len(r.all("SOUR")) + sum(len(c.all("SOUR")) for c in r.children) for r in tagged(sample, "INDI") + tagged(sample, "FAM"))
    assert numbers["citations"] >= citations > 0
    assert sum(d["births"] for d in numbers["decades"]) <= len(tagged(sample, "INDI"))
    surnames = collections.Counter(r.text("NAME", "SURN") for r in tagged(sample, "INDI"))
    for one in numbers["surnames"]:
        assert one["count"] == surnames[one["name"]], one
    assert [s["count"] for s in numbers["surnames"]] == sorted((s["count"] for s in numbers["surnames"]), reverse=True)


def test_people_have_their_names_dates_and_sex(people, sample):
    told = sorted((p["name"], p["sex"], p["birth"]["date"]["original"] if p["birth"] and p["birth"]["date"] else "") for p in people)
    written = sorted((r.text("NAME").replace("/", "").strip(), r.text("SEX") or "U", r.text("BIRT", "DATE")) for r in tagged(sample, "INDI"))
    assert told == written


def test_a_person_in_full(server, people, sample):
    record = tagged(sample, "INDI")[0]
    found = [p for p in people if p["name"] == record.text("NAME").replace("/", "")]
    person = server.get(f"/api/v1/persons/{found[0]['id']}")
    facts = {f["type"]: f for f in person["facts"]}
    for tag in ("BIRT", "OCCU", "DEAT", "BURI"):
        assert facts[tag]["date"]["original"] == record.text(tag, "DATE"), tag
    assert facts["BIRT"]["place"]["text"] == record.text("BIRT", "PLAC")
    assert facts["BIRT"]["quality"] == int(record.text("BIRT", "SOUR", "QUAY")) and facts["BIRT"]["citations"] == 1
    assert facts["OCCU"]["value"] == record.text("OCCU")
    assert person["counts"]["media"] == len(record.all("OBJE"))
    assert not person["living"]


def test_families_agree_from_both_sides(server, people):
    for one in people[:60]:
        family = server.get(f"/api/v1/persons/{one['id']}/family")
        for union in family["unions"]:
            whole = server.get(f"/api/v1/families/{union['familyId']}")
            assert one["id"] in [p["id"] for p in whole["partners"]]
            assert [c["person"]["id"] for c in whole["children"]] == [c["person"]["id"] for c in union["children"]]
            for child in whole["children"]:
                back = server.get(f"/api/v1/persons/{child['person']['id']}/family")
                assert union["familyId"] in [f["familyId"] for f in back["parentFamilies"]]


@pytest.mark.parametrize("limit", [1, 7, 200])
@pytest.mark.parametrize("query", [{}, {"sort": "-surname"}, {"sort": "birth"}, {"sort": "-birth"}])
def test_pages_of_people_give_everybody_once(server, tree, people, limit, query):
    rows = tablinum.all_rows(server, f"/api/v1/trees/{tree}/persons", limit, **query)
    assert len(rows) == len(people) == len({row["id"] for row in rows}) == 296
    assert {row["id"] for row in rows} == {row["id"] for row in people}


def test_skip_reaches_the_same_rows(server, tree, people):
    for query in ({}, {"sort": "birth"}):
        whole = tablinum.all_rows(server, f"/api/v1/trees/{tree}/persons", 200, **query)
        steps = [server.get(f"/api/v1/trees/{tree}/persons", limit=50, skip=skip, **query)["items"] for skip in range(0, 300, 50)]
        assert [p["id"] for p in itertools.chain(*steps)] == [p["id"] for p in whole]
    assert server.get(f"/api/v1/trees/{tree}/persons", skip=10_000)["items"] == []
    assert server.ask("GET", f"/api/v1/trees/{tree}/persons", skip=10_001).status == 422


@pytest.mark.parametrize("what", ["sources", "media", "places", "imports"])
def test_pages_of_other_lists_give_each_row_once(server, tree, what):
    rows = tablinum.all_rows(server, f"/api/v1/trees/{tree}/{what}", 3)
    assert len({row["id"] for row in rows}) == len(rows)


def test_pages_below_a_record(server, tree, people, sample):
    sources = tablinum.all_rows(server, f"/api/v1/trees/{tree}/sources", 50)
    cited = 0
    for source in sources:
        rows = tablinum.all_rows(server, f"/api/v1/sources/{source['id']}/citations", 100)
        assert len(rows) == source["citations"] and all(row["citation"]["source"]["id"] == source["id"] for row in rows)
        cited += len(rows)
    assert cited == server.get(f"/api/v1/trees/{tree}/statistics")["citations"]
    place = server.get(f"/api/v1/trees/{tree}/places", sort="-events", limit=1)["items"][0]
    assert len(tablinum.all_rows(server, f"/api/v1/places/{place['id']}/events", 9)) >= place["events"] > 0
    for one in people[:5]:
        for what in ("ancestors", "descendants"):
            rows = tablinum.all_rows(server, f"/api/v1/persons/{one['id']}/{what}", 3, generations=100)
            assert len(rows) == len({(row["person"]["id"], row["number"]) for row in rows})


def test_a_cursor_belongs_to_its_list(server, tree):
    cursor = server.get(f"/api/v1/trees/{tree}/persons", sort="birth", limit=5)["nextCursor"]
    for query in ({"sort": "-birth"}, {"sort": "birth", "filter[sex]": "F"}, {}):
        assert server.ask("GET", f"/api/v1/trees/{tree}/persons", cursor=cursor, **query).status == 422
    assert server.ask("GET", f"/api/v1/trees/{tree}/persons", sort="birth", cursor=cursor[:-2] + "AA").status == 422


def year(person, what):
    date = person[what] and person[what]["date"]
    return date and date["from"] and int(date["from"][:4])


def test_filters(server, tree, people):
    def filtered(**query):
        return {p["id"] for p in tablinum.all_rows(server, f"/api/v1/trees/{tree}/persons", 200, **query)}
    everybody = {p["id"] for p in people}
    for letter in "FMXU":
        assert filtered(**{"filter[sex]": letter}) == {p["id"] for p in people if p["sex"] == letter}
    alive = filtered(**{"filter[living]": "true"})
    assert alive == {p["id"] for p in people if p["living"]} and filtered(**{"filter[living]": "false"}) == everybody - alive
    assert filtered(**{"filter[surname]": "Moyo"}) == {p["id"] for p in people if p["surname"] == "Moyo"}
    assert filtered(**{"filter[surname]": "moyo"}) == filtered(**{"filter[surname]": "Moyo"}) <= filtered(**{"filter[surname]~": "Moyo"})
    exact = {p["id"] for p in people if p["birth"] and p["birth"]["date"] and p["birth"]["date"]["kind"] == "exact" and 1900 <= year(p, "birth") <= 1909}
    assert exact and exact <= filtered(**{"filter[birth]": "1900..1909"})
    assert filtered(**{"filter[sex]": "F", "filter[surname]": "Moyo"}) == {p["id"] for p in people if p["sex"] == "F" and p["surname"] == "Moyo"}


@pytest.mark.parametrize("query", [{"filter[nothing]": "x"}, {"filter[": "x"}, {"filter[sex]": "female"}, {"filter[birth]": ".."},
                                   {"filter[birth]": "18x"}, {"filter[birth]": "12345"}, {"filter[living]": "maybe"}, {"filter[place]": "Umtali"},
                                   {"sort": "height"}, {"limit": 0}, {"limit": 201}, {"skip": -1}, {"cursor": "x"}])
def test_wrong_filters_are_named(server, tree, query):
    answer = server.ask("GET", f"/api/v1/trees/{tree}/persons", **query)
    assert answer.status == 422 and answer.json()["errors"][0]["field"] == next(iter(query))


def test_anchors_lead_into_the_list(server, tree, people):
    anchors = server.get(f"/api/v1/trees/{tree}/persons/anchors")
    assert anchors["total"] == len(people)
    for entry in anchors["initials"]:
        cursor = {"cursor": entry["cursor"]} if entry["cursor"] else {}
        assert server.get(f"/api/v1/trees/{tree}/persons", limit=1, **cursor)["items"][0]["id"] == people[entry["row"]]["id"]


@pytest.mark.parametrize("kind", ["pedigree", "descendants", "hourglass"])
def test_every_box_hangs_from_a_union(server, tree, people, kind):
    widest = 0
    for one in people[::10]:
        chart = server.get(f"/api/v1/trees/{tree}/charts/{kind}", root=one["id"], up=8, down=8)
        boxes, unions = chart["boxes"], chart["unions"]
        count = len(boxes["person"])
        widest = max(widest, count)
        assert all(len(column) == count for column in boxes.values()), "columns are as long as the chart has boxes"
        assert boxes["person"][0] == one["id"] and boxes["from"][0] == -1
        touched = set()
        first = unions["first"]
        assert first[0] == 0 and first[-1] == len(unions["child"]) and first == sorted(first)
        for i in range(len(unions["a"])):
            a, b = unions["a"][i], unions["b"][i]
            children = unions["child"][first[i]:first[i + 1]]
            assert 0 <= a < count and -1 <= b < count and a != b
            assert len(set(children)) == len(children) and not {a, b} & set(children), "nobody is a child of their own union, or twice"
            touched |= {a, b} | set(children)
            generation = boxes["generation"][a]
            assert b == -1 or boxes["generation"][b] == generation, "partners stand side by side"
            assert all(boxes["generation"][c] == generation - 1 for c in children)
        assert count == 1 or touched - {-1} == set(range(count)), "every box hangs from a union or is a partner in one"
        for i in range(1, count):
            assert 0 <= boxes["from"][i] < i
            group = {boxes["from"][i], i}
            assert any(group <= ({unions["a"][u], unions["b"][u]} | set(unions["child"][first[u]:first[u + 1]]))
                       for u in range(len(unions["a"]))), "the box and the one it hangs from are of one union"
        assert all(0 <= x <= chart["width"] and 0 <= y <= chart["height"] for x, y in zip(boxes["x"], boxes["y"]))
    assert widest > 20


def test_a_chart_as_pdf_is_one(server, tree, home):
    for parameters in ({}, {"paper": "A3"}, {"paper": "A4", "tile": "true", "scale": "50"}):
        pdf = server.ask("GET", f"/api/v1/trees/{tree}/charts/hourglass", root=home, format="pdf", **parameters)
        assert pdf.type == "application/pdf" and pdf.body.startswith(b"%PDF-") and b"%%EOF" in pdf.body[-32:]
    for wrong in ({"paper": "A9"}, {"tile": "true"}, {"paper": "A4", "scale": "1"}, {"tile": "perhaps"}):
        answer = server.ask("GET", f"/api/v1/trees/{tree}/charts/hourglass", root=home, format="pdf", **wrong)
        assert answer.status == 422, wrong


@pytest.mark.parametrize("kind", ["relatives", "everyone", "timeline"])
def test_wide_charts_hang_together(server, tree, home, kind):
    chart = server.get(f"/api/v1/trees/{tree}/charts/{kind}", root=home)
    boxes, unions = chart["boxes"], chart["unions"]
    count = len(boxes["person"])
    assert count == len(set(boxes["person"])) == len(boxes["x"]) == len(boxes["step"])
    assert all(-1 <= box < index for index, box in enumerate(boxes["from"]))
    assert all(-1 <= box < count for box in unions["a"] + unions["b"] + unions["child"])
    if kind == "timeline":
        assert len(chart["timeline"]["from"]) == count and chart["timeline"]["ticks"] == sorted(chart["timeline"]["ticks"])
    else:
        routes = chart["routes"]
        assert sum(routes["count"]) == len(routes["x"]) == len(routes["y"])
        assert all(0 <= union < len(unions["a"]) for union in routes["union"])


def test_a_map_shows_where_the_events_were(server, tree, home):
    chart = server.get(f"/api/v1/trees/{tree}/charts/map", root=home, up=5, down=5)
    people, stays = chart["boxes"]["person"], chart["map"]
    assert len(people) == len(set(people)) and len(stays["box"]) == len(stays["place"]) == len(stays["year"]) > 5
    assert stays["box"] == sorted(stays["box"])
    asked = {}
    for box, place, year in zip(stays["box"], stays["place"], stays["year"]):
        if people[box] not in asked:
            facts = server.get(f"/api/v1/persons/{people[box]}/timeline")["items"]
            asked[people[box]] = json.dumps(facts)
        assert stays["places"]["name"][place] in asked[people[box]], f"{people[box]} was never at {stays['places']['name'][place]}"
        if year:
            assert str(abs(year)) in asked[people[box]]
    located = {one["id"]: one for one in server.get(f"/api/v1/trees/{tree}/places", limit=200, **{"filter[located]": "true"})["items"]}
    for at, latitude in zip(stays["places"]["id"], stays["places"]["latitude"]):
        assert abs(located[at]["latitude"] - latitude) < 1e-4
    years = sorted(year for year in stays["year"] if year)
    until = years[len(years) // 2]
    early = server.get(f"/api/v1/trees/{tree}/charts/map", root=home, up=5, down=5, until=until)["map"]
    assert len(early["year"]) == sum(1 for year in years if year <= until)
    assert server.ask("GET", f"/api/v1/trees/{tree}/charts/map", root=home, until="soon").status == 422


def test_a_path_leads_from_one_to_the_other(server, tree, home):
    other = server.get(f"/api/v1/trees/{tree}/charts/relatives", root=home)["boxes"]["person"][-1]
    chart = server.get(f"/api/v1/trees/{tree}/charts/path", root=home, other=other)
    assert (chart["boxes"]["person"][0], chart["boxes"]["person"][-1]) == (home, other)
    assert server.ask("GET", f"/api/v1/trees/{tree}/charts/path", root=home).status == 422


def test_a_chart_as_svg_names_the_same_people(server, tree, home):
    chart = server.get(f"/api/v1/trees/{tree}/charts/hourglass", root=home)
    svg = server.ask("GET", f"/api/v1/trees/{tree}/charts/hourglass", root=home, format="svg")
    assert svg.type == "image/svg+xml" and svg.body.decode().count("<title") >= len(chart["boxes"]["person"])
    assert "<script" not in svg.body.decode()
    assert server.ask("GET", f"/api/v1/trees/{tree}/charts/hourglass", format="png").status == 422
    assert server.ask("GET", f"/api/v1/trees/{tree}/charts/pie").status == 404


def test_relationship_is_the_same_distance_both_ways(server, people, home):
    for one in people[:40]:
        there, back = (server.get(f"/api/v1/persons/{a}/relationship-to/{b}") for a, b in ((home, one["id"]), (one["id"], home)))
        assert there["coefficient"] == back["coefficient"]
        if there["lines"]:
            path = there["lines"][0]["path"]
            assert path[0]["person"]["id"] == home and path[-1]["person"]["id"] == one["id"]
            assert len(path) == len(back["lines"][0]["path"])


def test_media_is_sent_as_it_came(server, tree):
    import hashlib, zipfile
    with zipfile.ZipFile(tablinum.SAMPLE) as packed:
        known = {hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist()}
    media = [m for m in tablinum.all_rows(server, f"/api/v1/trees/{tree}/media", 50) if m["contentUrl"]]
    assert len(media) > 10
    for one in media:
        answer = server.ask("GET", one["contentUrl"])
        assert hashlib.sha256(answer.body).hexdigest() in known and len(answer.body) == one["bytes"]
        assert answer.type == one["mime"] and answer.headers["content-disposition"].startswith("inline")
    part = server.ask("GET", media[0]["contentUrl"], headers={"range": "bytes=0-9"})
    assert part.status == 206 and len(part.body) == 10


def test_thumbnails_are_small_and_made_once(server, tree):
    media = [m for m in tablinum.all_rows(server, f"/api/v1/trees/{tree}/media", 50) if m["thumbnailUrl"]]
    assert len(media) > 10
    for one in media[:12]:
        assert one["width"] > 0 and one["height"] > 0
        for size in (128, 256, 512):
            path = f"/api/v1/media/{one['id']}/thumbnail?size={size}"
            made, again = server.ask("GET", path), server.ask("GET", path)
            assert made.status == again.status == 200 and made.body == again.body
            assert made.type == "image/webp" and made.headers["content-disposition"] == "inline"
            assert made.body[:4] == b"RIFF" and made.body[8:12] == b"WEBP"
            assert made.headers["etag"] == again.headers["etag"]
            assert server.ask("GET", path, headers={"if-none-match": made.headers["etag"]}).status == 304
        assert one["thumbnailUrl"] == f"/api/v1/media/{one['id']}/thumbnail?size=256"
    path = f"/api/v1/media/{media[0]['id']}/thumbnail"
    assert server.ask("GET", path).body == server.ask("GET", path + "?size=256").body
    for wrong in ("0", "129", "-1", "99999999999", "x", ""):
        assert server.ask("GET", f"{path}?size={wrong}").status == 422
    assert server.ask("GET", "/api/v1/media/00000000-0000-7000-8000-000000000000/thumbnail").status == 404


def test_search_and_suggestions_find_the_family(server, tree, people):
    found = server.get("/api/v1/search", treeId=tree, q="surname:moyo", type="person", limit=200)
    assert {hit["id"] for hit in found["items"]} == {p["id"] for p in people if p["surname"] == "Moyo"}
    assert found["total"] == len(found["items"]) and all(hit["person"]["surname"] == "Moyo" for hit in found["items"])
    paged, cursor = [], {}
    while True:
        page = server.get("/api/v1/search", treeId=tree, q="moyo", type="person", limit=7, **cursor)
        paged += [hit["id"] for hit in page["items"]]
        if not page["nextCursor"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert len(paged) == len(set(paged)) == page["total"]
    assert any(s["kind"] == "surname" and s["text"].lower() == "moyo" for s in server.get("/api/v1/search/suggest", treeId=tree, q="moy")["items"])
    explained = server.get("/api/v1/search", treeId=tree, q="moyo", explain="true", limit=1)["items"][0]
    assert explained["explanation"]["reasons"][0]["word"] == "moyo"


def test_dates_are_read(server):
    ask = lambda text: server.ask("POST", "/api/v1/dates/parse", {"text": text}).json()
    assert ask("ABT 1850")["gedcom"] == "ABT 1850"
    assert [c["original"] for c in ask("3/4/1850")["choices"]] == ["3 APR 1850", "4 MAR 1850"]
    assert ask("the day of the great wind")["date"]["kind"] == "text"


def test_another_spelling_is_offered_as_one_would_type_it(server, tree):
    answer = server.get(f"/api/v1/search?treeId={tree}&q=whitfeild")
    assert [(also["text"], also["count"]) for also in answer["also"]] == [("whitfield", answer["total"])], answer["also"]
