-- What changes in status lists: written by whoever decides, in the decision's own transaction, and carried
-- into the log by the sequencer, once. Revocation and refresh bits are never cleared.
-- Safe: a new table, and a column that every chunk stored so far leaves empty.

CREATE TABLE status_change (
    id INTEGER NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('revocation', 'suspension', 'refresh')),
    number BIGINT NOT NULL REFERENCES status_list (number),
    bit BIGINT NOT NULL CHECK (bit >= 0 AND bit < 131072),
    value BOOLEAN NOT NULL,
    record_index BIGINT NOT NULL,
    cause TEXT NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    version_index BIGINT REFERENCES body (log_index),
    CHECK (value OR purpose = 'suspension')
);
CREATE INDEX status_change_pending ON status_change (id) WHERE version_index IS NULL;
CREATE INDEX status_change_list ON status_change (purpose, number);
CREATE INDEX status_change_record ON status_change (record_index);

-- How many of its batch's items a chunk settles; empty where that is one an entry.
ALTER TABLE chunk ADD COLUMN items BIGINT;

CREATE TRIGGER status_change_once BEFORE UPDATE ON status_change
    WHEN OLD.version_index IS NOT NULL OR NEW.version_index IS NULL OR NEW.id <> OLD.id OR NEW.purpose <> OLD.purpose OR NEW.number <> OLD.number
        OR NEW.bit <> OLD.bit OR NEW.value <> OLD.value OR NEW.record_index <> OLD.record_index OR NEW.cause <> OLD.cause
        OR NEW.requested_at <> OLD.requested_at
    BEGIN SELECT RAISE (ABORT, 'a status change is carried once and otherwise never changed'); END;
CREATE TRIGGER status_change_no_delete BEFORE DELETE ON status_change BEGIN SELECT RAISE (ABORT, 'status changes are never deleted'); END;
