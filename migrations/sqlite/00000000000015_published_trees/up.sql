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
    SELECT DISTINCT batch.authority_id, json_extract(batch_item.decision, '$.document_number'), batch.id
    FROM batch_item JOIN batch ON batch.id = batch_item.batch_id
    WHERE batch.kind = 'record-change' AND json_extract(batch_item.decision, '$.document_number') IS NOT NULL;
CREATE TRIGGER document_number_no_update BEFORE UPDATE ON document_number BEGIN SELECT RAISE (ABORT, 'a document number is never changed'); END;
CREATE TRIGGER document_number_no_delete BEFORE DELETE ON document_number BEGIN SELECT RAISE (ABORT, 'a document number is never deleted'); END;

-- A tree is built, logged once, and then never changed; it goes when a newer one of its audience is there.
CREATE TRIGGER snapshot_once BEFORE UPDATE ON snapshot
    WHEN OLD.log_index IS NOT NULL OR NEW.id <> OLD.id OR NEW.audience <> OLD.audience OR NEW.log_size <> OLD.log_size OR NEW.taken_at <> OLD.taken_at
    BEGIN SELECT RAISE (ABORT, 'a published snapshot is never changed'); END;
CREATE TRIGGER snapshot_newest BEFORE DELETE ON snapshot
    WHEN OLD.log_index IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot AS newer WHERE newer.audience = OLD.audience AND newer.log_index > OLD.log_index)
    BEGIN SELECT RAISE (ABORT, 'the newest snapshot is never deleted'); END;
CREATE TRIGGER snapshot_leaves_no_update BEFORE UPDATE ON snapshot_leaves BEGIN SELECT RAISE (ABORT, 'a snapshot''s leaves are never changed'); END;
CREATE TRIGGER snapshot_tile_no_update BEFORE UPDATE ON snapshot_tile BEGIN SELECT RAISE (ABORT, 'a snapshot''s tiles are never changed'); END;
CREATE TRIGGER snapshot_leaves_newest BEFORE DELETE ON snapshot_leaves
    WHEN EXISTS (SELECT 1 FROM snapshot AS own WHERE own.id = OLD.snapshot_id AND own.log_index IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM snapshot AS newer WHERE newer.audience = own.audience AND newer.log_index > own.log_index))
    BEGIN SELECT RAISE (ABORT, 'the newest snapshot''s leaves are never deleted'); END;
CREATE TRIGGER snapshot_tile_newest BEFORE DELETE ON snapshot_tile
    WHEN EXISTS (SELECT 1 FROM snapshot AS own WHERE own.id = OLD.snapshot_id AND own.log_index IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM snapshot AS newer WHERE newer.audience = own.audience AND newer.log_index > own.log_index))
    BEGIN SELECT RAISE (ABORT, 'the newest snapshot''s tiles are never deleted'); END;

-- A monitor's note gives way to a later one of the same key.
CREATE TRIGGER monitor_note_forward BEFORE UPDATE ON monitor_note
    WHEN NEW.snapshot_digest <> OLD.snapshot_digest OR NEW.key_name <> OLD.key_name OR NEW.received_at < OLD.received_at
    BEGIN SELECT RAISE (ABORT, 'a monitor''s note only gives way to a later one, and never moves'); END;
CREATE TRIGGER monitor_note_no_delete BEFORE DELETE ON monitor_note BEGIN SELECT RAISE (ABORT, 'a monitor''s note is never deleted'); END;

-- The newest cosigned note of a head gives way to a later one, not to another of the same moment.
DROP TRIGGER cosigned_checkpoint_forward;
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint
    WHEN NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at
        OR (NEW.last_at = OLD.last_at AND NEW.last_note <> OLD.last_note)
    BEGIN SELECT RAISE (ABORT, 'the first cosigning is never changed, the last only by a later one'); END;
