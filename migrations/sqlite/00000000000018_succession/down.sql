DROP TRIGGER log_head_forward;
CREATE TRIGGER log_head_forward BEFORE UPDATE ON log_head
    WHEN NEW.stored_size < OLD.stored_size OR NEW.head_size < OLD.head_size OR NEW.head_size > NEW.stored_size OR NEW.origin <> OLD.origin
    BEGIN SELECT RAISE (ABORT, 'the head only moves forward'); END;
