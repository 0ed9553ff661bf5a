DROP TRIGGER cosigned_checkpoint_forward ON cosigned_checkpoint;
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint FOR EACH ROW
    WHEN (NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at)
    EXECUTE FUNCTION refuse('the first cosigning is never changed');
DROP TRIGGER monitor_note_no_delete ON monitor_note;
DROP TRIGGER monitor_note_forward ON monitor_note;
DROP TRIGGER snapshot_tile_newest ON snapshot_tile;
DROP TRIGGER snapshot_leaves_newest ON snapshot_leaves;
DROP TRIGGER snapshot_tile_no_update ON snapshot_tile;
DROP TRIGGER snapshot_leaves_no_update ON snapshot_leaves;
DROP TRIGGER snapshot_newest ON snapshot;
DROP TRIGGER snapshot_once ON snapshot;
DROP TRIGGER monitor_note_no_truncate ON monitor_note;
DROP TRIGGER snapshot_tile_no_truncate ON snapshot_tile;
DROP TRIGGER snapshot_leaves_no_truncate ON snapshot_leaves;
DROP TRIGGER snapshot_no_truncate ON snapshot;
DROP FUNCTION refuse_newest_snapshot();
DROP TABLE document_number;
