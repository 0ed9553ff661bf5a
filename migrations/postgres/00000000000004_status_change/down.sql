DROP TABLE status_change;
ALTER TABLE chunk DROP COLUMN items;
