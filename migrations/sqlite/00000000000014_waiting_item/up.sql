-- Records that partners alone may see and that a change of one published record brings about: they wait
-- for the day's end, so that no entry stands beside the public change that it belongs to.
-- Safe: creates only.

CREATE TABLE waiting_item (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    position BIGINT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    log_index BIGINT,
    PRIMARY KEY (batch_id, position)
);
CREATE INDEX waiting_item_due ON waiting_item (due_at) WHERE log_index IS NULL;

CREATE TRIGGER waiting_item_once BEFORE UPDATE ON waiting_item
    WHEN OLD.log_index IS NOT NULL OR NEW.log_index IS NULL OR NEW.batch_id <> OLD.batch_id OR NEW.position <> OLD.position
    BEGIN SELECT RAISE (ABORT, 'a waiting record is published once and otherwise never changed'); END;
CREATE TRIGGER waiting_item_no_delete BEFORE DELETE ON waiting_item BEGIN SELECT RAISE (ABORT, 'a waiting record is never deleted'); END;
