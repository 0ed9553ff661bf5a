-- A log whose key was stolen goes on under the next origin of the same host (HOST/log, HOST/log2, …): the
-- origin may change, once with the entry that says so, and never to another host's.
--
-- Safe: a trigger that refused every change of the origin gives way to one that allows this one.

DROP TRIGGER log_head_forward;
CREATE TRIGGER log_head_forward BEFORE UPDATE ON log_head
    WHEN NEW.stored_size < OLD.stored_size OR NEW.head_size < OLD.head_size OR NEW.head_size > NEW.stored_size
        OR (NEW.origin <> OLD.origin AND (NEW.stored_size = OLD.stored_size
            OR rtrim(NEW.origin, '0123456789') <> rtrim(OLD.origin, '0123456789')))
    BEGIN SELECT RAISE (ABORT, 'the head only moves forward'); END;
