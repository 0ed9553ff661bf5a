-- What published trees, monitors' notes and cosigned heads refuse, and the numbers of documents that officers
-- name themselves. Safe: creates tables and triggers; rows are only read.

-- One number, one decision of an authority; what a batch that was turned down had is free again.
CREATE TABLE document_number (
    authority_id TEXT NOT NULL REFERENCES authority (id),
    number TEXT NOT NULL,
    batch_id TEXT NOT NULL REFERENCES batch (id),
    PRIMARY KEY (authority_id, number, batch_id)
);
INSERT INTO document_number (authority_id, number, batch_id)
    SELECT DISTINCT batch.authority_id, batch_item.decision::json ->> 'document_number', batch.id
    FROM batch_item JOIN batch ON batch.id = batch_item.batch_id
    WHERE batch.kind = 'record-change' AND batch_item.decision::json ->> 'document_number' IS NOT NULL;
CREATE TRIGGER document_number_no_update BEFORE UPDATE ON document_number FOR EACH ROW EXECUTE FUNCTION refuse('a document number is never changed');
CREATE TRIGGER document_number_no_delete BEFORE DELETE ON document_number FOR EACH ROW EXECUTE FUNCTION refuse('a document number is never deleted');
CREATE TRIGGER document_number_no_truncate BEFORE TRUNCATE ON document_number FOR EACH STATEMENT EXECUTE FUNCTION refuse('document_number is never emptied');

-- A tree is built, logged once, and then never changed; it goes when a newer one of its audience is there.
CREATE FUNCTION refuse_newest_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tree BIGINT;
BEGIN
    IF TG_TABLE_NAME = 'snapshot' THEN
        tree := OLD.id;
    ELSE
        tree := OLD.snapshot_id;
    END IF;
    IF EXISTS (SELECT 1 FROM snapshot AS own WHERE own.id = tree AND own.log_index IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM snapshot AS newer WHERE newer.audience = own.audience AND newer.log_index > own.log_index)) THEN
        RAISE EXCEPTION '%', TG_ARGV[0];
    END IF;
    RETURN OLD;
END;
$$;
CREATE TRIGGER snapshot_once BEFORE UPDATE ON snapshot FOR EACH ROW
    WHEN (OLD.log_index IS NOT NULL OR NEW.id <> OLD.id OR NEW.audience <> OLD.audience OR NEW.log_size <> OLD.log_size OR NEW.taken_at <> OLD.taken_at)
    EXECUTE FUNCTION refuse('a published snapshot is never changed');
CREATE TRIGGER snapshot_newest BEFORE DELETE ON snapshot FOR EACH ROW EXECUTE FUNCTION refuse_newest_snapshot('the newest snapshot is never deleted');
CREATE TRIGGER snapshot_no_truncate BEFORE TRUNCATE ON snapshot FOR EACH STATEMENT EXECUTE FUNCTION refuse('snapshot is never emptied');
CREATE TRIGGER snapshot_leaves_no_update BEFORE UPDATE ON snapshot_leaves FOR EACH ROW EXECUTE FUNCTION refuse('a snapshot''s leaves are never changed');
CREATE TRIGGER snapshot_tile_no_update BEFORE UPDATE ON snapshot_tile FOR EACH ROW EXECUTE FUNCTION refuse('a snapshot''s tiles are never changed');
CREATE TRIGGER snapshot_leaves_newest BEFORE DELETE ON snapshot_leaves FOR EACH ROW EXECUTE FUNCTION refuse_newest_snapshot('the newest snapshot''s leaves are never deleted');
CREATE TRIGGER snapshot_tile_newest BEFORE DELETE ON snapshot_tile FOR EACH ROW EXECUTE FUNCTION refuse_newest_snapshot('the newest snapshot''s tiles are never deleted');
CREATE TRIGGER snapshot_leaves_no_truncate BEFORE TRUNCATE ON snapshot_leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse('snapshot_leaves is never emptied');
CREATE TRIGGER snapshot_tile_no_truncate BEFORE TRUNCATE ON snapshot_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse('snapshot_tile is never emptied');

-- A monitor's note gives way to a later one of the same key.
CREATE TRIGGER monitor_note_forward BEFORE UPDATE ON monitor_note FOR EACH ROW
    WHEN (NEW.snapshot_digest <> OLD.snapshot_digest OR NEW.key_name <> OLD.key_name OR NEW.received_at < OLD.received_at)
    EXECUTE FUNCTION refuse('a monitor''s note only gives way to a later one, and never moves');
CREATE TRIGGER monitor_note_no_delete BEFORE DELETE ON monitor_note FOR EACH ROW EXECUTE FUNCTION refuse('a monitor''s note is never deleted');
CREATE TRIGGER monitor_note_no_truncate BEFORE TRUNCATE ON monitor_note FOR EACH STATEMENT EXECUTE FUNCTION refuse('monitor_note is never emptied');

-- The newest cosigned note of a head gives way to a later one, not to another of the same moment.
DROP TRIGGER cosigned_checkpoint_forward ON cosigned_checkpoint;
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint FOR EACH ROW
    WHEN (NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at
        OR (NEW.last_at = OLD.last_at AND NEW.last_note <> OLD.last_note))
    EXECUTE FUNCTION refuse('the first cosigning is never changed, the last only by a later one');
