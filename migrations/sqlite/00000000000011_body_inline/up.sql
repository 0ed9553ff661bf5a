-- PostgreSQL's affair: SQLite neither compresses rows nor moves them elsewhere. Safe: changes nothing.

SELECT 1;
