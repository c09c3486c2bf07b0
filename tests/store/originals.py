"""Files as the original makes them: its schema, its ledger, its ways to write a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw

from vigyc.model.vigy_id import vigy_id

SCHEMA = """
CREATE TABLE "seaql_migrations" ("version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL);
CREATE TABLE IF NOT EXISTS "vigies" ("id" varchar NOT NULL PRIMARY KEY, "name" varchar NOT NULL,
  "program" text NOT NULL, "tick_interval_ms" bigint NOT NULL, "enabled" boolean NOT NULL,
  "created_at" varchar NOT NULL, "updated_at" varchar NOT NULL, "labels_json" text NOT NULL);
CREATE TABLE IF NOT EXISTS "vigy_runs" ("id" varchar NOT NULL PRIMARY KEY, "vigy_id" varchar NOT NULL,
  "started_at" varchar NOT NULL, "ended_at" varchar, "result" varchar NOT NULL, "error" text,
  "actions_json" text NOT NULL);
CREATE INDEX "idx_vigy_runs_vigy_id" ON "vigy_runs" ("vigy_id");
CREATE TABLE IF NOT EXISTS "vigy_events" ("seq" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "vigy_id" varchar NOT NULL,
  "run_id" varchar NOT NULL, "kind" varchar NOT NULL, "payload_json" text, "result" varchar, "message" text,
  "emitted_at" varchar NOT NULL);
CREATE INDEX "idx_vigy_events_vigy_id" ON "vigy_events" ("vigy_id");
INSERT INTO "seaql_migrations" VALUES ('m20260520_000001_init', 1779235200);
"""
KV = """
CREATE TABLE IF NOT EXISTS "vigy_kv" ("vigy_id" varchar NOT NULL, "key" varchar NOT NULL, "value_json" text NOT NULL,
  "updated_at" varchar NOT NULL, PRIMARY KEY ("vigy_id", "key"));
CREATE INDEX "idx_vigy_kv_vigy_id" ON "vigy_kv" ("vigy_id");
INSERT INTO "seaql_migrations" VALUES ('m20260521_000002_vigy_kv', 1779321600);
"""

AT = "2026-09-21T13:33:20Z"
PROGRAM = '(vigy-incr "n")'


class OriginalFile:
    """A file of the original, written row by row."""

    def __init__(self, path: Path, *, kv: bool = True) -> None:
        self.path = path
        self._runs = 0
        self._connection = apsw.Connection(str(path))
        self.execute(SCHEMA)
        if kv:
            self.execute(KV)

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> None:
        self._connection.execute(sql, values).fetchall()

    def vigy(self, name: str = "one", program: str = PROGRAM, **cells: Any) -> str:
        """Register a vigy; its id."""
        row = {
            "id": vigy_id(name, program), "name": name, "program": program, "tick_interval_ms": 2000, "enabled": True,
            "created_at": AT, "updated_at": AT, "labels_json": "{}", **cells,
        }  # fmt: skip
        self.execute(f"INSERT INTO vigies VALUES ({', '.join('?' * 8)})", tuple(row.values()))
        return str(row["id"])

    def run(self, vigy: str, started_at: Any, ended_at: Any = None, **cells: Any) -> str:
        """Add a run; its id."""
        self._runs += 1
        row = {
            "id": f"01990000-0000-7000-8000-{self._runs:012}", "vigy_id": vigy, "started_at": started_at,
            "ended_at": started_at if ended_at is None else ended_at, "result": "ok", "error": None,
            "actions_json": "[]", **cells,
        }  # fmt: skip
        self.execute(f"INSERT INTO vigy_runs VALUES ({', '.join('?' * 7)})", tuple(row.values()))
        return str(row["id"])

    def kv(self, vigy: str, key: str, value: Any, *, text: Any = None) -> None:
        self.execute(
            "INSERT INTO vigy_kv VALUES (?, ?, ?, ?)", (vigy, key, json.dumps(value) if text is None else text, AT)
        )

    def close(self) -> Path:
        self._connection.close()
        return self.path
