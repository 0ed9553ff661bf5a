DROP TABLE document_counter;
DROP INDEX account_person;
ALTER TABLE account DROP COLUMN person_id;
