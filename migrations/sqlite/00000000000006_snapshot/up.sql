-- Snapshots and the trees behind them, from which statements are answered. Only the newest few trees are
-- kept: the signed snapshots themselves stand in `body`. Safe: creates only.

CREATE TABLE snapshot (
    id INTEGER NOT NULL PRIMARY KEY,
    audience TEXT NOT NULL,
    log_size BIGINT NOT NULL,
    tree_size BIGINT NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    log_index BIGINT
);
CREATE UNIQUE INDEX snapshot_logged ON snapshot (log_index) WHERE log_index IS NOT NULL;

-- Up to 256 leaves side by side, in the order of their keys; `first_key` is that of the first.
CREATE TABLE snapshot_leaves (
    snapshot_id BIGINT NOT NULL REFERENCES snapshot (id),
    bundle_index BIGINT NOT NULL,
    first_key BLOB NOT NULL,
    leaves BLOB NOT NULL,
    PRIMARY KEY (snapshot_id, bundle_index)
);
CREATE INDEX snapshot_leaves_key ON snapshot_leaves (snapshot_id, first_key);

CREATE TABLE snapshot_tile (
    snapshot_id BIGINT NOT NULL REFERENCES snapshot (id),
    level BIGINT NOT NULL,
    tile_index BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (snapshot_id, level, tile_index)
);

-- What monitors have signed about snapshots, by the digest of the snapshot's bytes.
CREATE TABLE monitor_note (
    snapshot_digest BLOB NOT NULL,
    key_name TEXT NOT NULL,
    note TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    PRIMARY KEY (snapshot_digest, key_name)
);
