-- A body of a record is about 2 KB, just over where PostgreSQL begins to compress a row or to move part of
-- it elsewhere; that costs more than signing the record, and again at every read. Rows up to a page stay
-- whole. Safe: concerns rows written from now on, rewrites and locks nothing for long.

ALTER TABLE body SET (toast_tuple_target = 8160);
ALTER TABLE entry_bundle ALTER COLUMN entries SET STORAGE EXTERNAL;
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
