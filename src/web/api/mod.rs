//! The JSON API, the records, the log's files: one file per resource.
