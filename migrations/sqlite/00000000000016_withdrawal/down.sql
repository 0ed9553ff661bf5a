-- Refuses nothing and loses the archive: only for a registry in which nothing was withdrawn.
DROP TRIGGER body_no_delete;
CREATE TRIGGER body_no_delete BEFORE DELETE ON body BEGIN SELECT RAISE (ABORT, 'nothing published is deleted without an erasure'); END;
DROP TABLE archive;
DROP TABLE erasure;
