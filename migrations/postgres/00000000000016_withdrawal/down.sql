-- Refuses nothing and loses the archive: only for a registry in which nothing was withdrawn.
DROP TRIGGER body_no_delete ON body;
DROP FUNCTION refuse_without_erasure();
CREATE TRIGGER body_no_delete BEFORE DELETE ON body FOR EACH ROW EXECUTE FUNCTION refuse('nothing published is deleted without an erasure');
DROP TABLE archive;
DROP TABLE erasure;
