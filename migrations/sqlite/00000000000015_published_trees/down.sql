DROP TRIGGER cosigned_checkpoint_forward;
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint
    WHEN NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at
    BEGIN SELECT RAISE (ABORT, 'the first cosigning is never changed'); END;
DROP TRIGGER monitor_note_no_delete;
DROP TRIGGER monitor_note_forward;
DROP TRIGGER snapshot_tile_newest;
DROP TRIGGER snapshot_leaves_newest;
DROP TRIGGER snapshot_tile_no_update;
DROP TRIGGER snapshot_leaves_no_update;
DROP TRIGGER snapshot_newest;
DROP TRIGGER snapshot_once;
DROP TABLE document_number;
