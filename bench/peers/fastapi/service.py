"""The peer of `make bench`: a person by id from the same SQLite file, as one writes it with FastAPI. It reads two rows of one join and
gives eight values; tablinum's answer to the same question holds the whole record."""
import os
import sqlite3
import uuid

from fastapi import FastAPI, HTTPException

app = FastAPI()
database = sqlite3.connect(f"file:{os.environ['ARCHIVE']}?mode=ro", uri=True, check_same_thread=False)
SELECT = ("SELECT p.label, p.sex, p.living, p.birth_min, p.birth_max, p.death_min, p.death_max "
          "FROM record r JOIN person p ON p.rid = r.rid WHERE r.id = ?")


@app.get("/persons/{person}")
async def find_person(person: uuid.UUID):
    row = database.execute(SELECT, (person.bytes,)).fetchone()
    if row is None:
        raise HTTPException(404)
    label, sex, living, *days = row
    return {"id": str(person), "name": label, "sex": sex, "living": bool(living), "days": days}
