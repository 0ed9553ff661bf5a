-- Withdrawal: what was erased, and the sealed copy that the archive keeps. A body can be deleted only when
-- both rows stand, and nothing but a body can be. Rows are added with the erasure's entry and never change.
-- Safe: new tables; a trigger that forbade every deletion of a body gives way to one that allows this one.

CREATE TABLE erasure (
    record_index BIGINT NOT NULL PRIMARY KEY,
    record_id BYTEA NOT NULL UNIQUE,
    record_type TEXT NOT NULL,
    audience TEXT NOT NULL CHECK (audience IN ('public', 'partners')),
    employer_id BIGINT,
    origin_batch TEXT,
    case_id TEXT,
    digest BYTEA NOT NULL,
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
    record_index BIGINT NOT NULL PRIMARY KEY REFERENCES erasure (record_index),
    nonce BYTEA NOT NULL UNIQUE,
    sealed BYTEA NOT NULL
);

CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure FOR EACH ROW EXECUTE FUNCTION refuse('an erasure is never changed');
CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure FOR EACH ROW EXECUTE FUNCTION refuse('an erasure is never undone');
CREATE TRIGGER erasure_no_truncate BEFORE TRUNCATE ON erasure FOR EACH STATEMENT EXECUTE FUNCTION refuse('erasure is never emptied');
CREATE TRIGGER archive_no_update BEFORE UPDATE ON archive FOR EACH ROW EXECUTE FUNCTION refuse('an archived body is never changed');
CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive FOR EACH ROW EXECUTE FUNCTION refuse('an archived body is never deleted');
CREATE TRIGGER archive_no_truncate BEFORE TRUNCATE ON archive FOR EACH STATEMENT EXECUTE FUNCTION refuse('archive is never emptied');

-- A trigger's condition cannot look into other tables here: the function does.
CREATE FUNCTION refuse_without_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM erasure JOIN archive ON archive.record_index = erasure.record_index WHERE erasure.record_index = OLD.log_index) THEN
        RAISE EXCEPTION 'nothing published is deleted without an erasure';
    END IF;
    RETURN OLD;
END;
$$;
DROP TRIGGER body_no_delete ON body;
CREATE TRIGGER body_no_delete BEFORE DELETE ON body FOR EACH ROW EXECUTE FUNCTION refuse_without_erasure();
