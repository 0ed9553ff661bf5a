-- Who is behind an account, and the numbers of documents. Until now an account was a person: each keeps
-- its own id as its person's. A counter begins behind everything that its authority ever proposed.
-- Safe: adds a column with a default and a table; a running server of the version before goes on reading.

ALTER TABLE account ADD COLUMN person_id TEXT NOT NULL DEFAULT '';
UPDATE account SET person_id = id;
CREATE INDEX account_person ON account (person_id);

CREATE TABLE document_counter (
    authority_id TEXT NOT NULL REFERENCES authority (id),
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL CHECK (last >= 0),
    PRIMARY KEY (authority_id, kind, year)
);
INSERT INTO document_counter (authority_id, kind, year, last)
SELECT years.authority_id, years.kind, years.year, totals.total
FROM (SELECT DISTINCT authority_id, kind, CAST(strftime('%Y', proposed_at, '+8 hours') AS BIGINT) AS year FROM batch) AS years
JOIN (SELECT authority_id, kind, SUM(size) AS total FROM batch GROUP BY authority_id, kind) AS totals
    ON totals.authority_id = years.authority_id AND totals.kind = years.kind;

CREATE TRIGGER document_counter_no_delete BEFORE DELETE ON document_counter BEGIN SELECT RAISE (ABORT, 'a counter is never deleted'); END;
CREATE TRIGGER document_counter_forward BEFORE UPDATE ON document_counter
    WHEN NEW.last < OLD.last OR NEW.authority_id <> OLD.authority_id OR NEW.kind <> OLD.kind OR NEW.year <> OLD.year
    BEGIN SELECT RAISE (ABORT, 'a counter only moves forward'); END;
