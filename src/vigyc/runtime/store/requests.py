"""From a process that does not tick to the one that does: requests for ticks, and actions on their way to a host."""

from __future__ import annotations

from collections.abc import Collection
from json import dumps, loads
from typing import Final

import apsw

from vigyc.lang.errors import Conflict, NotFound
from vigyc.model.lease import Fence
from vigyc.model.notice import RESOLVED, Notice
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import OK, Run
from vigyc.runtime.store import stream
from vigyc.runtime.store.encoding import plain_text
from vigyc.runtime.store.lease import check
from vigyc.runtime.store.reading import runs_of
from vigyc.runtime.store.run_rows import RUN_COLUMNS, action_of, actions_text, run_of
from vigyc.runtime.store.store_file import Transaction

_COLUMNS: Final = "id, vigy_id, asked_at, run_id, error"
_KEPT_MS: Final = 3_600_000  # for which an answer waits for who asked
_ASK: Final = "INSERT INTO requests (vigy_id, asked_at) SELECT id, ? FROM vigies WHERE id = ? RETURNING id"
_FORGET: Final = "DELETE FROM requests WHERE asked_at < ? AND (run_id IS NOT NULL OR error IS NOT NULL)"
_REFUSE: Final = "UPDATE requests SET error = ? WHERE id = ? AND run_id IS NULL AND error IS NULL"
_OUTBOX: Final = "SELECT vigy_id, run_id, position, action_json, attempts FROM outbox"


def ask(transaction: Transaction, vigy_id: str, at: int) -> int:
    """Ask for a tick; raises NotFound. Answers of long ago are forgotten."""
    sql = transaction.sql
    sql.execute(_FORGET, (at - _KEPT_MS,))
    number = sql.execute(_ASK, (at, vigy_id)).get
    if number is None:
        raise NotFound(f"there is no vigy {vigy_id}")
    transaction.proof = "SELECT 1 FROM requests WHERE id = ? AND vigy_id = ? AND asked_at = ?", (number, vigy_id, at)
    return int(number)


def answer(sql: apsw.Cursor, number: int) -> Request | None:
    """What became of a request."""
    row = sql.execute(f"SELECT {_COLUMNS} FROM requests WHERE id = ?", (number,)).fetchone()
    return None if row is None else Request(*row)


def unanswered(sql: apsw.Cursor) -> list[Request]:
    """The requests nobody has answered, oldest first."""
    rows = sql.execute(f"SELECT {_COLUMNS} FROM requests WHERE run_id IS NULL AND error IS NULL ORDER BY id")
    return [Request(*row) for row in rows]


def refuse(transaction: Transaction, fence: Fence, number: int, error: str) -> None:
    """Answer a request by an error; raises Fenced."""
    check(transaction.sql, fence)
    transaction.sql.execute(_REFUSE, (plain_text(error), number))
    transaction.proof = "SELECT 1 FROM requests WHERE id = ? AND error = ?", (number, plain_text(error))


# -- actions


def outbox(sql: apsw.Cursor, limit: int) -> list[PendingAction]:
    """Actions to be delivered, oldest first."""
    return [
        PendingAction(vigy_id, run_id, position, action_of(loads(action)), attempts)
        for vigy_id, run_id, position, action, attempts in sql.execute(
            f"{_OUTBOX} ORDER BY seq, position LIMIT ?", (limit,)
        )
    ]


def pending(sql: apsw.Cursor, vigy_id: str) -> list[PendingAction]:
    """The unresolved actions of a vigy's last successful run."""
    return pending_of(sql, [vigy_id])[vigy_id]


def pending_of(sql: apsw.Cursor, vigy_ids: Collection[str]) -> dict[str, list[PendingAction]]:
    """The same of many."""
    last = runs_of(sql, vigy_ids, None, 1, (OK,))
    numbers = dumps([run.seq for runs in last.values() for run in runs])
    told = "SELECT seq, position, attempts FROM outbox WHERE seq IN (SELECT value FROM json_each(?))"
    tried = {(seq, position): attempts for seq, position, attempts in sql.execute(told, (numbers,))}
    return {
        vigy_id: [
            PendingAction(vigy_id, run.id, position, action, tried.get((run.seq, position), 0))
            for run in runs
            for position, action in enumerate(run.actions)
            if action.result is None
        ]
        for vigy_id, runs in last.items()
    }


def attempted(transaction: Transaction, fence: Fence, action: PendingAction) -> None:
    """Count one more attempt to deliver an action; raises Fenced."""
    check(transaction.sql, fence)
    count = transaction.sql.execute(
        """UPDATE outbox SET attempts = attempts + 1
        WHERE position = ?2 AND seq = (SELECT seq FROM runs WHERE id = ?1) RETURNING attempts""",
        (action.run_id, action.position),
    ).get
    proof = "SELECT 1 FROM outbox WHERE run_id = ? AND position = ? AND attempts >= ?"
    transaction.proof = proof, (action.run_id, action.position, count)


def resolve(transaction: Transaction, run_id: str, index: int, status: str, message: str | None, at: int) -> Run:
    """Report the result of an action; raises NotFound, Conflict."""
    sql = transaction.sql
    row = sql.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
    run = None if row is None else run_of(row)
    if run is None or not 0 <= index < len(run.actions):
        raise NotFound(f"there is no action {index} of a run {run_id}")
    if run.actions[index].result is not None:
        raise Conflict(f"action {index} of run {run_id} has its result already: {run.actions[index].result}")
    actions = list(run.actions)
    actions[index] = actions[index]._replace(result=status, message=message)
    sql.execute("UPDATE runs SET actions_json = ? WHERE seq = ?", (actions_text(actions), run.seq))
    sql.execute("DELETE FROM outbox WHERE seq = ? AND position = ?", (run.seq, index))
    told = {"index": index, "status": status, "message": message}
    stream.append(transaction, [Notice(0, at, RESOLVED, run.vigy_id, run_id, message, told)])
    return run._replace(actions=tuple(actions))
