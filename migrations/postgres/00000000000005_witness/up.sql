-- Heads that readers may see once the policy's witnesses have cosigned them, and the cosigned notes.
-- Safe: creates only.

CREATE TABLE awaiting_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY REFERENCES checkpoint (size),
    since TIMESTAMP NOT NULL
);

-- The first cosigned note of a head says when its entries were logged at the latest; the newest one (idle
-- heads are cosigned again) when whatever followed was logged at the earliest.
CREATE TABLE cosigned_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY REFERENCES checkpoint (size),
    first_note TEXT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_note TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL
);

CREATE TRIGGER awaiting_checkpoint_no_update BEFORE UPDATE ON awaiting_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse('awaiting heads are never changed');
CREATE TRIGGER awaiting_checkpoint_no_delete BEFORE DELETE ON awaiting_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse('awaiting heads are never deleted');
CREATE TRIGGER cosigned_checkpoint_no_delete BEFORE DELETE ON cosigned_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse('cosigned heads are never deleted');
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint FOR EACH ROW
    WHEN (NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at)
    EXECUTE FUNCTION refuse('the first cosigning is never changed');
CREATE TRIGGER awaiting_checkpoint_no_truncate BEFORE TRUNCATE ON awaiting_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse('awaiting_checkpoint is never emptied');
CREATE TRIGGER cosigned_checkpoint_no_truncate BEFORE TRUNCATE ON cosigned_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse('cosigned_checkpoint is never emptied');
