import pytest
import tablinum


@pytest.fixture(scope="session")
def sample():
    """The sample's records, by the oracle."""
    return tablinum.read_gedcom(tablinum.gedcom_of(tablinum.SAMPLE))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("archive") / "data"
    tablinum.import_sample(data)
    server = tablinum.Server(data)
    yield server
    assert server.stop() == 0, "the server ends without an error after everything that was done to it"


@pytest.fixture(scope="session")
def tree(server):
    """The id of the sample's tree."""
    return next(t["id"] for t in server.get("/api/v1/trees")["items"] if t["name"] == "moyo-whitfield")


@pytest.fixture(scope="session")
def people(server, tree):
    """Every person of the sample in one line."""
    return tablinum.all_rows(server, f"/api/v1/trees/{tree}/persons", 200)


@pytest.fixture(scope="session")
def home(server, tree):
    return server.get(f"/api/v1/trees/{tree}")["homePersonId"]
