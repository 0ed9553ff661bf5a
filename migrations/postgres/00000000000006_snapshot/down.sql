DROP TABLE monitor_note;
DROP TABLE snapshot_tile;
DROP TABLE snapshot_leaves;
DROP TABLE snapshot;
