-- Heads that readers may see once the policy's witnesses have cosigned them, and the cosigned notes.
-- Safe: creates only.

CREATE TABLE awaiting_checkpoint (
    size INTEGER NOT NULL PRIMARY KEY REFERENCES checkpoint (size),
    since TIMESTAMP NOT NULL
);

-- The first cosigned note of a head says when its entries were logged at the latest; the newest one (idle
-- heads are cosigned again) when whatever followed was logged at the earliest.
CREATE TABLE cosigned_checkpoint (
    size INTEGER NOT NULL PRIMARY KEY REFERENCES checkpoint (size),
    first_note TEXT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_note TEXT NOT NULL,
    last_at TIMESTAMP NOT NULL
);

CREATE TRIGGER awaiting_checkpoint_no_update BEFORE UPDATE ON awaiting_checkpoint BEGIN SELECT RAISE (ABORT, 'awaiting heads are never changed'); END;
CREATE TRIGGER awaiting_checkpoint_no_delete BEFORE DELETE ON awaiting_checkpoint BEGIN SELECT RAISE (ABORT, 'awaiting heads are never deleted'); END;
CREATE TRIGGER cosigned_checkpoint_no_delete BEFORE DELETE ON cosigned_checkpoint BEGIN SELECT RAISE (ABORT, 'cosigned heads are never deleted'); END;
CREATE TRIGGER cosigned_checkpoint_forward BEFORE UPDATE ON cosigned_checkpoint
    WHEN NEW.size <> OLD.size OR NEW.first_note <> OLD.first_note OR NEW.first_at <> OLD.first_at OR NEW.last_at < OLD.last_at
    BEGIN SELECT RAISE (ABORT, 'the first cosigning is never changed'); END;
