"""Lists of sources and media longer than any page: true totals, every record once, the same order however they are asked for."""
import subprocess

import pytest
import tablinum

COUNT = 12_000
CITED = 30


def long_file():
    lines = ["0 HEAD", "1 GEDC", "2 VERS 7.0"]
    # Titles in an order that is neither that of the file nor that of the identifiers; some twice, some missing.
    for i in range(COUNT):
        title = f"Register {i * 7919 % COUNT // 2:05d}"
        lines += [f"0 @S{i}@ SOUR"] + ([f"1 TITL {title}"] if i % 1000 else [])
        lines += [f"0 @O{i}@ OBJE", f"1 FILE scans/{i}.jpg", "2 FORM image/jpeg"] + ([f"2 TITL {title}"] if i % 1000 else [])
    lines += ["0 @I1@ INDI", "1 NAME Tendai /Moyo/", "1 BIRT"]
    for i in range(1, CITED + 1):
        lines += [f"2 SOUR @S{i}@"] * i
    return "\n".join(lines + ["0 TRLR", ""])


@pytest.fixture(scope="module")
def long_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    file = folder / "long.ged"
    file.write_text(long_file())
    subprocess.run([tablinum.BINARY, "--json", "import", str(file), "--data", str(folder / "data")], capture_output=True, check=True)
    server = tablinum.Server(folder / "data")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def long_tree(long_server):
    return long_server.get("/api/v1/trees")["items"][0]["id"]


@pytest.mark.parametrize("kind", ["sources", "media"])
def test_every_record_once(long_server, long_tree, kind):
    path = f"/api/v1/trees/{long_tree}/{kind}"
    rows = tablinum.all_rows(long_server, path, 200)
    assert len(rows) == COUNT and len({row["id"] for row in rows}) == COUNT
    titles = [row["title"] for row in rows]
    titled = [title for title in titles if title and title.startswith("Register")]
    assert titled == sorted(titled) and len(titled) == COUNT - COUNT // 1000
    found = tablinum.all_rows(long_server, path, 200, **{"filter[title]": "register 0599"})
    assert len(found) == 20 and all(row["title"].startswith("Register 0599") for row in found)


def test_most_cited_first(long_server, long_tree):
    path = f"/api/v1/trees/{long_tree}/sources"
    page = long_server.get(path, sort="-citations", limit=20)
    more = long_server.get(path, sort="-citations", limit=20, cursor=page["nextCursor"])
    counts = [row["citations"] for row in page["items"] + more["items"]]
    assert counts == list(range(CITED, 0, -1)) + [0] * (40 - CITED)
    assert page["total"] == more["total"] == COUNT


def test_a_page_goes_on_where_it_ended_after_an_edit(long_server, long_tree):
    path = f"/api/v1/trees/{long_tree}/sources"
    page = long_server.get(path, limit=50)
    removed = page["items"][10]
    answer = long_server.ask("POST", f"/api/v1/trees/{long_tree}/changes", {"ops": [{"op": "delete", "id": removed["id"]}]})
    assert answer.status in (200, 201), answer.body
    following = long_server.get(path, limit=50, cursor=page["nextCursor"])
    assert following["total"] == COUNT - 1
    whole = tablinum.all_rows(long_server, path, 200)
    at = [row["id"] for row in whole].index(page["items"][-1]["id"])
    assert [row["id"] for row in following["items"]] == [row["id"] for row in whole[at + 1:at + 51]]
