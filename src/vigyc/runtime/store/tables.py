"""From the runtime's nouns to the tables they lie in, as SQL: what steps 2 to 4 of the migrations make.

Times are INTEGER ms since 1970; whatever has parts is JSON text. A row of `runs` or `events` has its place in the
stream as its rowid, so appending and reading the stream are walks along the end of two trees. Programs are kept once
per digest. The views show what the original's file showed, under its names; their stamps are RFC 3339 text in UTC,
always with 3 digits of ms, so that they sort. Nothing here needs more than SQLite 3.9, which may be the reader's.
"""

from __future__ import annotations

from typing import Final


def _stamp(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')"


REGISTRY_KINDS: Final = "('registered', 'updated', 'enabled', 'disabled', 'deleted', 'kv-edited')"

RUNTIME: Final = f"""
CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER);
INSERT INTO migrations VALUES (1, 'kv', NULL);

CREATE TABLE programs (digest TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE versions (
  vigy_id TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL, modules_json TEXT, created_at INTEGER NOT NULL,
  author TEXT, note TEXT, PRIMARY KEY (vigy_id, number)) WITHOUT ROWID;
CREATE TABLE vigies (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL, version INTEGER NOT NULL,
  generation INTEGER NOT NULL, schedule_json TEXT NOT NULL, labels_json TEXT NOT NULL, deadline_ms INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, anchored_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE vigy_state (
  vigy_id TEXT PRIMARY KEY, tick_count INTEGER NOT NULL, previous_tick_ms INTEGER, run_id TEXT, started_at INTEGER,
  ended_at INTEGER, result TEXT, error TEXT, failures INTEGER NOT NULL, runs INTEGER NOT NULL, failed INTEGER NOT NULL,
  timed_out INTEGER NOT NULL, missed INTEGER NOT NULL, state_json TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE runs (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, vigy_id TEXT NOT NULL, started_at INTEGER NOT NULL,
  ended_at INTEGER, result TEXT NOT NULL, error TEXT, error_kind TEXT, actions_json TEXT NOT NULL,
  trigger TEXT NOT NULL, due_at INTEGER, missed INTEGER NOT NULL, tick INTEGER NOT NULL, version INTEGER NOT NULL,
  duration_us INTEGER NOT NULL, report_json TEXT NOT NULL);
CREATE INDEX runs_of_vigy ON runs (vigy_id);
CREATE TABLE open_runs (
  id TEXT PRIMARY KEY, vigy_id TEXT NOT NULL, started_at INTEGER NOT NULL, trigger TEXT NOT NULL, due_at INTEGER,
  missed INTEGER NOT NULL, tick INTEGER NOT NULL, version INTEGER NOT NULL);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, vigy_id TEXT, run_id TEXT, message TEXT,
  data_json TEXT);
CREATE INDEX events_of_vigy ON events (vigy_id);
CREATE INDEX events_of_registry ON events (seq) WHERE kind IN {REGISTRY_KINDS};

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('seq', 0), ('registry', 0);
CREATE TABLE lease (
  one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, epoch INTEGER NOT NULL, beat INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL);
CREATE TABLE requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT, vigy_id TEXT NOT NULL, asked_at INTEGER NOT NULL, run_id TEXT, error TEXT);
CREATE INDEX requests_unanswered ON requests (id) WHERE run_id IS NULL AND error IS NULL;
CREATE TABLE outbox (
  seq INTEGER NOT NULL, position INTEGER NOT NULL, run_id TEXT NOT NULL, vigy_id TEXT NOT NULL,
  action_json TEXT NOT NULL, attempts INTEGER NOT NULL, PRIMARY KEY (seq, position)) WITHOUT ROWID;

CREATE VIEW vigy_runs AS
SELECT id, vigy_id, {_stamp("started_at")} AS started_at, {_stamp("ended_at")} AS ended_at, result, error, actions_json,
  seq, trigger, {_stamp("due_at")} AS due_at, missed, tick, version, duration_us, error_kind, report_json
FROM runs;
CREATE VIEW vigy_events AS
SELECT seq, vigy_id, run_id, kind, data_json AS payload_json, NULL AS result, message, {_stamp("at")} AS emitted_at
FROM events
UNION ALL
SELECT seq, vigy_id, id, 'run', NULL, result, error, {_stamp("coalesce(ended_at, started_at)")} FROM runs;
CREATE VIEW vigy_kv AS SELECT scope AS vigy_id, key, value AS value_json FROM kv_json;
"""

RECORDINGS: Final = """
CREATE TABLE recordings (seq INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TRIGGER recordings_of_runs AFTER DELETE ON runs BEGIN DELETE FROM recordings WHERE seq = OLD.seq; END;
"""

ENHANCE: Final = f"""
CREATE TABLE versions_before AS SELECT *,
  row_number() OVER newer - 1 AS place, lag(number) OVER newer AS before
  FROM versions WINDOW newer AS (PARTITION BY vigy_id ORDER BY number);
DROP TABLE versions;
CREATE TABLE versions (
  vigy_id TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL, modules_json TEXT, created_at INTEGER NOT NULL,
  author TEXT, note TEXT, label TEXT NOT NULL, bump TEXT, parent INTEGER, content TEXT, epoch TEXT,
  PRIMARY KEY (vigy_id, number)) WITHOUT ROWID;
INSERT INTO versions
SELECT vigy_id, number, digest, modules_json, created_at, author, note, '0.1.' || place, NULL, before, NULL, NULL
FROM versions_before;
DROP TABLE versions_before;
CREATE UNIQUE INDEX versions_by_label ON versions (vigy_id, label);

CREATE TABLE issues (
  id TEXT PRIMARY KEY, vigy_id TEXT NOT NULL, intent TEXT NOT NULL, state TEXT NOT NULL, submitted_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, revision INTEGER NOT NULL, setting TEXT NOT NULL, constraints_json TEXT NOT NULL,
  proposal_json TEXT, author TEXT, key TEXT, held INTEGER NOT NULL, approved_by TEXT, attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL, epoch TEXT, leased_by TEXT, leased_until INTEGER, trial_json TEXT,
  reasons_json TEXT NOT NULL, version INTEGER);
CREATE INDEX issues_of_vigy ON issues (vigy_id, id, state);
CREATE INDEX issues_by_state ON issues (state, id);
CREATE INDEX issues_by_key ON issues (key) WHERE key IS NOT NULL;
CREATE INDEX issues_by_author ON issues (author, submitted_at);
CREATE INDEX issues_waiting ON issues (submitted_at, id, vigy_id, setting, due_at, updated_at)
  WHERE state = 'pending' AND held = 0;
CREATE INDEX issues_in_line ON issues (vigy_id, submitted_at, id) WHERE state = 'pending' AND held = 0;
CREATE INDEX issues_busy ON issues (vigy_id, leased_until) WHERE state IN ('leased', 'trial');

CREATE TABLE epochs (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, issue_id TEXT NOT NULL, vigy_id TEXT NOT NULL,
  attempt INTEGER NOT NULL, outcome TEXT NOT NULL, began_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, base INTEGER,
  base_digest TEXT, version INTEGER, label TEXT, bump TEXT, digest TEXT, content TEXT, program TEXT,
  rationale TEXT NOT NULL, reasons_json TEXT NOT NULL, verdicts_json TEXT NOT NULL, patch_json TEXT,
  claims_json TEXT NOT NULL, setting_json TEXT NOT NULL, flow_json TEXT NOT NULL, calls_json TEXT NOT NULL,
  tokens INTEGER NOT NULL, cost INTEGER NOT NULL);
CREATE INDEX epochs_of_issue ON epochs (issue_id);
CREATE INDEX epochs_of_vigy ON epochs (vigy_id);

CREATE TABLE enhance_settings (
  name TEXT PRIMARY KEY, setting_json TEXT NOT NULL, paused TEXT, updated_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE VIEW vigy_issues AS
SELECT id, vigy_id, intent, state, {_stamp("submitted_at")} AS submitted_at, {_stamp("updated_at")} AS updated_at,
  revision, setting, constraints_json, proposal_json, author, key, held, approved_by, attempts,
  {_stamp("due_at")} AS due_at, epoch, leased_by, {_stamp("leased_until")} AS leased_until, trial_json, reasons_json,
  version
FROM issues;
CREATE VIEW vigy_epochs AS
SELECT seq, id, issue_id, vigy_id, attempt, outcome, {_stamp("began_at")} AS began_at,
  {_stamp("ended_at")} AS ended_at, base, base_digest, version, label, bump, digest, content, program, rationale,
  reasons_json, verdicts_json, patch_json, claims_json, setting_json, flow_json, calls_json, tokens, cost
FROM epochs;
"""
