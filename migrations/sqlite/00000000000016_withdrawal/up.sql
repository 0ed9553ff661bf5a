-- Withdrawal: what was erased, and the sealed copy that the archive keeps. A body can be deleted only when
-- both rows stand, and nothing but a body can be. Rows are added with the erasure's entry and never change.
-- Safe: new tables; a trigger that forbade every deletion of a body gives way to one that allows this one.

CREATE TABLE erasure (
    record_index INTEGER NOT NULL PRIMARY KEY,
    record_id BLOB NOT NULL UNIQUE,
    record_type TEXT NOT NULL,
    audience TEXT NOT NULL CHECK (audience IN ('public', 'partners')),
    employer_id BIGINT,
    origin_batch TEXT,
    case_id TEXT,
    digest BLOB NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('expiry', 'early_removal', 'order_revoked', 'correction', 'court')),
    batch_id TEXT,
    ended_on DATE NOT NULL,
    due_on DATE NOT NULL,
    erased_at TIMESTAMP NOT NULL,
    withdrawal_index BIGINT NOT NULL UNIQUE,
    erasure_index BIGINT NOT NULL UNIQUE
);
CREATE INDEX erasure_case ON erasure (case_id) WHERE case_id IS NOT NULL;

-- AES-256-GCM under the archive's own key; the associated data are the record's id and log index.
CREATE TABLE archive (
    record_index INTEGER NOT NULL PRIMARY KEY REFERENCES erasure (record_index),
    nonce BLOB NOT NULL UNIQUE,
    sealed BLOB NOT NULL
);

CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure BEGIN SELECT RAISE (ABORT, 'an erasure is never changed'); END;
CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure BEGIN SELECT RAISE (ABORT, 'an erasure is never undone'); END;
CREATE TRIGGER archive_no_update BEFORE UPDATE ON archive BEGIN SELECT RAISE (ABORT, 'an archived body is never changed'); END;
CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive BEGIN SELECT RAISE (ABORT, 'an archived body is never deleted'); END;

DROP TRIGGER body_no_delete;
CREATE TRIGGER body_no_delete BEFORE DELETE ON body
    WHEN NOT EXISTS (SELECT 1 FROM erasure JOIN archive ON archive.record_index = erasure.record_index WHERE erasure.record_index = OLD.log_index)
    BEGIN SELECT RAISE (ABORT, 'nothing published is deleted without an erasure'); END;
