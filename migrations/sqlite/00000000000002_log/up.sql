-- The log and what it covers. Bodies stand apart from the log, because the law can end the display
-- of a body but never of the log. Safe: creates only.

CREATE TABLE body (
    log_index INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    record_id BLOB,
    record_type TEXT,
    employer_id BIGINT,
    year BIGINT,
    outcome TEXT,
    batch_id TEXT,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX body_record ON body (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX body_employer ON body (employer_id, log_index) WHERE employer_id IS NOT NULL;
CREATE INDEX body_kind ON body (kind, log_index) WHERE kind <> 'record';

-- A tile of a smaller width is the beginning of the wider one, so a growing tile is a new row.
CREATE TABLE tile (
    level BIGINT NOT NULL,
    tile_index BIGINT NOT NULL,
    width BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tile_index, width)
);

CREATE TABLE entry_bundle (
    bundle_index BIGINT NOT NULL,
    width BIGINT NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (bundle_index, width)
);

CREATE TABLE checkpoint (
    size INTEGER NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    signed_at TIMESTAMP NOT NULL
);

-- Which checkpoints were served to readers; a batch becomes visible when one covers all of it.
CREATE TABLE served_checkpoint (
    size INTEGER NOT NULL PRIMARY KEY REFERENCES checkpoint (size),
    served_at TIMESTAMP NOT NULL
);

-- One row. `stored_size` moves with the entries (transaction 1), `head_size` with the signed head
-- (transaction 2), both only by compare-and-swap.
CREATE TABLE log_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    stored_size BIGINT NOT NULL,
    head_size BIGINT NOT NULL
);

-- One writer at a time: whoever holds the row, proved at every write by the fencing number.
CREATE TABLE publisher_lease (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

-- What is about to be signed, written before anything of it is: a whole batch, or the registry's own
-- entries. An intent of which nothing was stored is replaced by the next one at the same place.
CREATE TABLE intent (
    first_index INTEGER NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    batch_id TEXT,
    digest BLOB NOT NULL,
    intended_at TIMESTAMP NOT NULL,
    fence BIGINT NOT NULL
);

-- What of it is stored, written with the entries.
CREATE TABLE chunk (
    first_index INTEGER NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    batch_id TEXT,
    ordinal BIGINT
);
CREATE UNIQUE INDEX chunk_batch ON chunk (batch_id, ordinal) WHERE batch_id IS NOT NULL;

CREATE TABLE status_list (
    number INTEGER NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used <= size),
    free_order BLOB NOT NULL
);

-- Every version of every list; the greatest log index is the newest.
CREATE TABLE status_list_version (
    purpose TEXT NOT NULL,
    number BIGINT NOT NULL REFERENCES status_list (number),
    log_index BIGINT NOT NULL REFERENCES body (log_index),
    valid_from TIMESTAMP NOT NULL,
    PRIMARY KEY (purpose, number, log_index)
);

CREATE TRIGGER body_no_update BEFORE UPDATE ON body BEGIN SELECT RAISE (ABORT, 'nothing published is edited'); END;
CREATE TRIGGER body_no_delete BEFORE DELETE ON body BEGIN SELECT RAISE (ABORT, 'nothing published is deleted without an erasure'); END;
CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile BEGIN SELECT RAISE (ABORT, 'tiles are never changed'); END;
CREATE TRIGGER tile_no_delete BEFORE DELETE ON tile BEGIN SELECT RAISE (ABORT, 'tiles are never deleted'); END;
CREATE TRIGGER entry_bundle_no_update BEFORE UPDATE ON entry_bundle BEGIN SELECT RAISE (ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_bundle_no_delete BEFORE DELETE ON entry_bundle BEGIN SELECT RAISE (ABORT, 'entries are never deleted'); END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE (ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE (ABORT, 'checkpoints are never deleted'); END;
CREATE TRIGGER served_checkpoint_no_update BEFORE UPDATE ON served_checkpoint BEGIN SELECT RAISE (ABORT, 'served checkpoints are never changed'); END;
CREATE TRIGGER served_checkpoint_no_delete BEFORE DELETE ON served_checkpoint BEGIN SELECT RAISE (ABORT, 'served checkpoints are never deleted'); END;
CREATE TRIGGER status_list_version_no_update BEFORE UPDATE ON status_list_version BEGIN SELECT RAISE (ABORT, 'list versions are never changed'); END;
CREATE TRIGGER status_list_version_no_delete BEFORE DELETE ON status_list_version BEGIN SELECT RAISE (ABORT, 'list versions are never deleted'); END;
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE (ABORT, 'the head is never deleted'); END;
CREATE TRIGGER log_head_forward BEFORE UPDATE ON log_head
    WHEN NEW.stored_size < OLD.stored_size OR NEW.head_size < OLD.head_size OR NEW.head_size > NEW.stored_size OR NEW.origin <> OLD.origin
    BEGIN SELECT RAISE (ABORT, 'the head only moves forward'); END;
