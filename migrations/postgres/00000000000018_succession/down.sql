DROP TRIGGER log_head_forward ON log_head;
CREATE TRIGGER log_head_forward BEFORE UPDATE ON log_head FOR EACH ROW
    WHEN (NEW.stored_size < OLD.stored_size OR NEW.head_size < OLD.head_size OR NEW.head_size > NEW.stored_size OR NEW.origin <> OLD.origin)
    EXECUTE FUNCTION refuse('the head only moves forward');
