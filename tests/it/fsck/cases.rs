//! What a person with full access to the database could do, table by table and column by column, and what
//! the check says of it; and for what nothing protects, the reason.

use chengxin::registry::fsck::Damage::{self, Audit, Body, Index, Log, Status, Time};

/// One damage.
pub struct Case {
    /// The table.
    pub table: &'static str,
    /// The column, or [`DELETE`], [`INSERT`].
    pub column: &'static str,
    /// What is done.
    pub how: How,
    /// What kind of damage it is called.
    pub kind: Damage,
    /// The row that is named, with the names of the victim's rows in braces.
    pub row: &'static str,
}

/// What is done to a row.
pub enum How {
    /// Statements, with the names of the victim's rows in braces.
    Sql(&'static str),
    /// Another byte in the middle of the value, in the row that this condition finds.
    Flip(&'static str),
}

/// A row that is gone.
pub const DELETE: &str = "(delete)";
/// A row too many.
pub const INSERT: &str = "(insert)";

const fn sql(
    table: &'static str,
    column: &'static str,
    statements: &'static str,
    kind: Damage,
    row: &'static str,
) -> Case {
    let how = How::Sql(statements);
    Case {
        table,
        column,
        how,
        kind,
        row,
    }
}

const fn flip(
    table: &'static str,
    column: &'static str,
    condition: &'static str,
    kind: Damage,
    row: &'static str,
) -> Case {
    let how = How::Flip(condition);
    Case {
        table,
        column,
        how,
        kind,
        row,
    }
}

/// Columns, or whole tables (`*`), that nothing speaks for, and why that is borne.
#[rustfmt::skip] // a table is read in rows
pub const UNPROTECTED: &[(&str, &str, &str)] = &[
    ("setting", INSERT, "a key that nothing reads"),
    ("authority", "*", "the register's present: what was published names its own; decides what two persons see next"),
    ("employer", "division", "the register's present: an employer moves, and what was published keeps its own"),
    ("employer", "name", "the register's present: an employer is renamed, and what was published keeps its own"),
    ("employer", "grams", "the search index: made from the name"),
    ("employer", "kind", "the register's present"),
    ("employer", "industry", "the register's present"),
    ("employer", "headcount", "the register's present"),
    ("employer", "registered_on", "the register's present"),
    ("employer", "code_override", "the register's present"),
    ("employer", INSERT, "an employer of whom nothing is published"),
    ("account", "login", "who may act next, not who acted: the trail names accounts by id"),
    ("account", "name", "who may act next"),
    ("account", "password_hash", "who may act next; a reset is an act of its own"),
    ("account", "roles", "who may act next; two persons stay two, and the rules ask again at every step"),
    ("account", "suspended_at", "who may act next"),
    ("session", "*", "hours long; a forged one is no account"),
    ("sign_in_attempt", "*", "counts failures of minutes"),
    ("partner", "id", "named nowhere else"),
    ("partner", "key_prefix", "shown, never compared"),
    ("campaign", "*", "a working table: what it leads to is proposed and approved"),
    ("scope_item", "*", "a working table: what it leads to is proposed and approved"),
    ("filing", "*", "a working table: what it leads to is proposed and approved"),
    ("evidence", "*", "a working table: grades are recomputed from it at publication, and published ones keep their basis"),
    ("blacklist_case", "*", "a working table: a listing is compared with its case at publication"),
    ("batch", "title", "words for people"),
    ("batch", "decision_reason", "words for people; the digest covers what is decided"),
    ("batch_item", "trace", "an explanation that anyone recomputes; never signed"),
    ("document_counter", "*", "a working table: numbers are read and approved with the decisions that bear them"),
    ("quarantine", "*", "rows that were not imported"),
    ("publisher_lease", "*", "keeps two writers apart for a minute; the signer's mark and the head's swap stop what it lets through"),
    ("intent", "intended_at", "the journal's own; the audit trail has the time of each head"),
    ("intent", "fence", "the journal's own: compared while its writer lives"),
    ("status_change", "id", "named nowhere else"),
    ("cosigned_checkpoint", INSERT, "one with a quorum's signatures is sound; one without is the first case of this table"),
    ("erasure", "*", "to be done column by column: digest, indices, cause and batch are held against the log (`fsck/erasures.rs`) and damaged in `withdrawal`; its days, type and case are not held against anything yet"),
    ("archive", "*", "to be done here: it must open to the erased digest under the archive's key (`fsck/erasures.rs`), and is damaged in `withdrawal`"),
    ("monitor_note", "received_at", "nothing reads it"),
    ("monitor_note", DELETE, "statements then say less, and the monitor sends it again"),
];

/// Damage in a city's database.
#[rustfmt::skip] // a table is read in rows
pub const CASES: &[Case] = &[
    sql("setting", "key", "UPDATE setting SET key = 'hostess' WHERE key = 'host'", Index, "setting host"),
    sql("setting", "value", "UPDATE setting SET value = 'other.example' WHERE key = 'host'", Index, "setting host"),
    sql("setting", DELETE, "DELETE FROM setting WHERE key = 'host'", Index, "setting host"),
    // Employers, by what is published about them.
    sql("employer", "id", "UPDATE employer SET id = id + 1000000 WHERE id = {employer}", Index, "body {a}"),
    sql("employer", "code", "UPDATE employer SET code = '91350200776049653A' WHERE id = {employer}", Index, "body {a}"),
    sql("employer", "registration", "UPDATE employer SET code = NULL, registration = '1' WHERE id = {employer}", Index, "body {a}"),
    sql("employer", DELETE, "DELETE FROM employer WHERE id = {employer}", Index, "body {a}"),
    // Accounts and partners, by the trail.
    sql("account", "id", "UPDATE account SET id = 'another' WHERE id = '{account}'", Audit, "account {account}"),
    sql("account", "kind", "UPDATE account SET kind = 'employer', authority_id = NULL, employer_id = 1 WHERE id = '{account}'", Index, "account {account}"),
    sql("account", "authority_id", "UPDATE account SET authority_id = 'another' WHERE id = '{account}'", Index, "account {account}"),
    sql("account", "employer_id", "UPDATE account SET employer_id = 1, authority_id = NULL WHERE id = '{account}'", Index, "account {account}"),
    sql("account", "created_at", "UPDATE account SET created_at = {later} WHERE id = '{account}'", Time, "account {account}"),
    sql("account", "person_id", "UPDATE account SET person_id = 'another' WHERE id = '{account}'", Index, "account {account}"),
    sql("account", DELETE, "DELETE FROM account WHERE id = '{account}'", Audit, "account {account}"),
    sql(
        "account",
        INSERT,
        "INSERT INTO account SELECT 'forged', 'forged', name, password_hash, kind, authority_id, employer_id, roles, created_at, \
         suspended_at, person_id FROM account WHERE id = '{account}'",
        Audit,
        "account forged",
    ),
    sql("partner", "name", "UPDATE partner SET name = '另一银行' WHERE name = '{partner}'", Audit, "partner 另一银行"),
    flip("partner", "key_digest", "name = '{partner}'", Index, "partner {partner}"),
    sql("partner", "created_at", "UPDATE partner SET created_at = {later} WHERE name = '{partner}'", Time, "partner {partner}"),
    sql("partner", "revoked_at", "UPDATE partner SET revoked_at = NULL WHERE name = '{revoked}'", Time, "partner {revoked}"),
    sql("partner", "revoked_at", "UPDATE partner SET revoked_at = {later} WHERE name = '{partner}'", Audit, "partner {partner}"),
    sql("partner", DELETE, "DELETE FROM partner WHERE name = '{revoked}'", Audit, "partner {revoked}"),
    sql(
        "partner",
        INSERT,
        "INSERT INTO partner SELECT 'forged', '第三银行', key_prefix, {x:0102}, created_at, revoked_at FROM partner WHERE name = '{partner}'",
        Audit,
        "partner 第三银行",
    ),
    // The trail itself.
    sql("audit", "seq", "UPDATE audit SET seq = 100000 WHERE seq = 3", Audit, "audit 4"),
    sql(
        "audit",
        "seq",
        "UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -1",
        Audit,
        "audit 3",
    ),
    sql("audit", "at", "UPDATE audit SET at = {later} WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "actor", "UPDATE audit SET actor = 'nobody' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "role", "UPDATE audit SET role = 'auditor' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "authority_id", "UPDATE audit SET authority_id = 'another' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "action", "UPDATE audit SET action = 'nothing' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "subject", "UPDATE audit SET subject = 'another' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "request_id", "UPDATE audit SET request_id = 'another' WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "before_digest", "UPDATE audit SET before_digest = {x:01} WHERE seq = 3", Audit, "audit 3"),
    sql("audit", "after_digest", "UPDATE audit SET after_digest = {x:01} WHERE seq = 3", Audit, "audit 3"),
    flip("audit", "previous", "seq = 3", Audit, "audit 3"),
    flip("audit", "digest", "seq = 3", Audit, "audit 3"),
    sql("audit", DELETE, "DELETE FROM audit WHERE seq = 1", Audit, "audit 2"),
    sql("audit", DELETE, "DELETE FROM audit WHERE seq = 3", Audit, "audit 4"),
    // The tail, or everything: the log says how many rows there were.
    sql("audit", DELETE, "DELETE FROM audit WHERE seq >= {covered}", Audit, "audit {covered}"),
    sql("audit", DELETE, "DELETE FROM audit", Audit, "audit 1"),
    sql(
        "audit",
        INSERT,
        "INSERT INTO audit SELECT 100000, at, actor, role, authority_id, action, subject, request_id, before_digest, after_digest, \
         previous, digest FROM audit WHERE seq = 3",
        Audit,
        "audit 100000",
    ),
    // Decisions.
    sql("batch", "id", "UPDATE batch SET id = 'another' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "kind", "UPDATE batch SET kind = 'wage-blacklist' WHERE id = '{batch}'", Index, "batch_item {batch} 0"),
    sql("batch", "authority_id", "UPDATE batch SET authority_id = 'another' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "state", "UPDATE batch SET state = 'approved' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "state", "UPDATE batch SET state = 'proposed' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "state", "UPDATE batch SET state = 'rejected' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "size", "UPDATE batch SET size = size + 1 WHERE id = '{batch}'", Log, "batch {batch}"),
    flip("batch", "digest", "id = '{batch}'", Log, "batch_item {batch}"),
    sql("batch", "rule_set", "UPDATE batch SET rule_set = REPLACE(rule_set, '20', '21') WHERE id = '{batch}'", Index, "batch_item {batch} 0"),
    sql("batch", "proposed_by", "UPDATE batch SET proposed_by = '{other}' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "proposed_at", "UPDATE batch SET proposed_at = {later} WHERE id = '{batch}'", Time, "batch {batch}"),
    sql("batch", "decided_by", "UPDATE batch SET decided_by = '{account}' WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "decided_at", "UPDATE batch SET decided_at = {later} WHERE id = '{batch}'", Time, "batch {batch}"),
    sql("batch", "decided_at", "UPDATE batch SET decided_at = NULL WHERE id = '{batch}'", Index, "batch {batch}"),
    sql("batch", "published_by", "UPDATE batch SET published_by = '{account}' WHERE id = '{batch}'", Audit, "batch {batch}"),
    sql("batch", "published_by", "UPDATE batch SET published_by = NULL WHERE id = '{batch}'", Audit, "batch {batch}"),
    sql("batch", "published_at", "UPDATE batch SET published_at = {later} WHERE id = '{batch}'", Time, "batch {batch}"),
    sql("batch", DELETE, "DELETE FROM batch_item WHERE batch_id = '{waits}'; DELETE FROM batch WHERE id = '{waits}'", Index, "batch {waits}"),
    sql(
        "batch",
        INSERT,
        "INSERT INTO batch SELECT 'forged', kind, title, authority_id, 'proposed', size, digest, rule_set, proposed_by, proposed_at, NULL, \
         NULL, NULL, NULL, NULL FROM batch WHERE id = '{batch}'",
        Audit,
        "batch forged",
    ),
    sql("batch_item", "batch_id", "UPDATE batch_item SET batch_id = '{waits}', position = 1 WHERE batch_id = '{batch}' AND position = 0", Index, "batch_item {batch}"),
    sql(
        "batch_item",
        "position",
        "UPDATE batch_item SET position = -1 WHERE batch_id = '{batch}' AND position = 0; UPDATE batch_item SET position = 0 WHERE batch_id = \
         '{batch}' AND position = 1; UPDATE batch_item SET position = 1 WHERE batch_id = '{batch}' AND position = -1",
        Audit,
        "batch_item {batch}",
    ),
    sql("batch_item", "employer_id", "UPDATE batch_item SET employer_id = employer_id + 1 WHERE batch_id = '{batch}' AND position = 0", Audit, "batch_item {batch}"),
    sql("batch_item", "outcome", "UPDATE batch_item SET outcome = 'C' WHERE batch_id = '{batch}' AND position = {graded}", Index, "batch_item {batch} {graded}"),
    sql("batch_item", "decision", "UPDATE batch_item SET decision = REPLACE(decision, '\"grade\":\"A\"', '\"grade\":\"B\"') WHERE batch_id = '{batch}' AND position = {graded}", Index, "batch_item {batch} {graded}"),
    sql("batch_item", "decision", "UPDATE batch_item SET decision = REPLACE(decision, '渝', '沪') WHERE batch_id = '{batch}' AND position = {graded}", Audit, "batch_item {batch}"),
    sql("batch_item", DELETE, "DELETE FROM batch_item WHERE batch_id = '{batch}' AND position = 0", Audit, "batch_item {batch}"),
    sql("batch_item", INSERT, "INSERT INTO batch_item SELECT batch_id, 100000, employer_id, outcome, decision, trace FROM batch_item WHERE batch_id = '{batch}' AND position = 0", Audit, "batch_item {batch}"),
    // Bodies.
    sql(
        "body",
        "log_index",
        "UPDATE body SET record_id = NULL WHERE log_index IN ({a}, {b}); UPDATE body SET log_index = -1 WHERE log_index = {a}; \
         UPDATE body SET log_index = {a} WHERE log_index = {b}; UPDATE body SET log_index = {b} WHERE log_index = -1",
        Body,
        "body {b}",
    ),
    sql("body", "log_index", "UPDATE body SET log_index = {size} WHERE log_index = {a}", Body, "body {size}"),
    sql("body", "kind", "UPDATE body SET kind = 'rule-set' WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "audience", "UPDATE body SET audience = 'partners' WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "audience", "UPDATE body SET audience = 'public' WHERE log_index = {partners_only}", Index, "body {partners_only}"),
    sql("body", "record_id", "UPDATE body SET record_id = NULL WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "record_id", "UPDATE body SET record_id = {x:00112233445566778899aabbccddeeff} WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "record_type", "UPDATE body SET record_type = 'WageBlacklistEntry' WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "employer_id", "UPDATE body SET employer_id = (SELECT employer_id FROM body WHERE log_index = {b}) WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "employer_id", "UPDATE body SET employer_id = NULL WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "employer_id", "UPDATE body SET employer_id = 1 WHERE log_index = {list}", Index, "body {list}"),
    sql("body", "employer_id", "UPDATE body SET employer_id = 1 WHERE log_index = 0", Index, "body 0"),
    sql("body", "year", "UPDATE body SET year = 2024 WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "outcome", "UPDATE body SET outcome = 'C' WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "outcome", "UPDATE body SET outcome = 'A', record_type = 'IntegrityGrade', year = 2025 WHERE log_index = {list}", Index, "body {list}"),
    sql("body", "batch_id", "UPDATE body SET batch_id = NULL WHERE log_index = {a}", Index, "body {a}"),
    sql("body", "batch_id", "UPDATE body SET batch_id = 'another' WHERE log_index = {a}", Index, "body {a}"),
    flip("body", "bytes", "log_index = {a}", Body, "body {a}"),
    flip("body", "bytes", "log_index = {list}", Body, "body {list}"),
    flip("body", "bytes", "log_index = {statement}", Body, "body {statement}"),
    flip("body", "bytes", "log_index = 0", Body, "body 0"),
    sql("body", "bytes", "UPDATE body SET bytes = (SELECT bytes FROM body WHERE log_index = {b}) WHERE log_index = {a}", Body, "body {a}"),
    sql("body", DELETE, "DELETE FROM body WHERE log_index = {a}", Body, "body {a}"),
    sql("body", DELETE, "DELETE FROM body WHERE log_index = {last}", Body, "body {last}"),
    sql("body", INSERT, "INSERT INTO body (log_index, kind, audience, bytes) SELECT {size}, kind, audience, bytes FROM body WHERE log_index = {list}", Body, "body {size}"),
    // Tiles and entries. A narrower one that is gone costs nothing: the wider one begins with it.
    sql("tile", "level", "UPDATE tile SET level = 1 WHERE width = {size}", Log, "tile 1/0 width {size}"),
    sql("tile", "level", "UPDATE tile SET level = 9 WHERE width = {middle}", Log, "tile 9/0 width {middle}"),
    sql("tile", "tile_index", "UPDATE tile SET tile_index = 1 WHERE width = {size}", Log, "tile 0/1 width {size}"),
    sql("tile", "tile_index", "UPDATE tile SET tile_index = -1 WHERE width = {middle}", Log, "tile 0/-1 width {middle}"),
    sql(
        "tile",
        "width",
        "UPDATE tile SET width = -1 WHERE width = {size}; UPDATE tile SET width = {size} WHERE width = {middle}; \
         UPDATE tile SET width = {middle} WHERE width = -1",
        Log,
        "tile 0/0 width {size}",
    ),
    flip("tile", "hashes", "width = {size}", Log, "tile 0/0 width {size}"),
    flip("tile", "hashes", "width = {middle}", Log, "tile 0/0 width {middle}"),
    sql("tile", DELETE, "DELETE FROM tile WHERE width = {size}", Log, "tile 0/0 width {size}"),
    sql("tile", INSERT, "INSERT INTO tile SELECT 0, 1, width, hashes FROM tile WHERE width = {size}", Log, "tile 0/1 width {size}"),
    sql("entry_bundle", "bundle_index", "UPDATE entry_bundle SET bundle_index = 1 WHERE width = {size}", Log, "entry_bundle 1.p/{size}"),
    sql(
        "entry_bundle",
        "width",
        "UPDATE entry_bundle SET width = -1 WHERE width = {size}; UPDATE entry_bundle SET width = {size} WHERE width = {middle}; \
         UPDATE entry_bundle SET width = {middle} WHERE width = -1",
        Log,
        "entry_bundle 0",
    ),
    flip("entry_bundle", "entries", "width = {size}", Log, "entry_bundle 0"),
    flip("entry_bundle", "entries", "width = {middle}", Log, "entry_bundle 0.p/{middle}"),
    sql("entry_bundle", DELETE, "DELETE FROM entry_bundle WHERE width = {size}", Log, "entry_bundle 0"),
    sql("entry_bundle", INSERT, "INSERT INTO entry_bundle SELECT 1, width, entries FROM entry_bundle WHERE width = {size}", Log, "entry_bundle 1.p/{size}"),
    sql("entry_bundle", INSERT, "INSERT INTO entry_bundle SELECT 0, {next}, entries || entries FROM entry_bundle WHERE width = {size}", Log, "entry_bundle 0.p/{next}"),
    // Heads.
    sql("checkpoint", "size", "UPDATE checkpoint SET size = {next} WHERE size = {size}", Log, "checkpoint {size}"),
    sql("checkpoint", "size", "UPDATE checkpoint SET size = {beside} WHERE size = {middle}", Log, "checkpoint {beside}"),
    flip("checkpoint", "root", "size = {middle}", Log, "checkpoint {middle}"),
    flip("checkpoint", "note", "size = {middle}", Log, "checkpoint {middle}"),
    flip("checkpoint", "note", "size = {size}", Log, "checkpoint {size}"),
    sql("checkpoint", "note", "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = {size}) WHERE size = {middle}", Log, "checkpoint {middle}"),
    sql("checkpoint", "signed_at", "UPDATE checkpoint SET signed_at = {later} WHERE size = {middle}", Time, "checkpoint {middle}"),
    sql("checkpoint", "signed_at", "UPDATE checkpoint SET signed_at = {later} WHERE size = 0", Time, "checkpoint 0"),
    sql("checkpoint", DELETE, "DELETE FROM checkpoint WHERE size = {size}", Log, "checkpoint {size}"),
    sql("checkpoint", DELETE, "DELETE FROM checkpoint WHERE size = {middle}", Log, "checkpoint {middle}"),
    sql("checkpoint", DELETE, "DELETE FROM checkpoint WHERE size = 0", Log, "checkpoint 0"),
    sql("checkpoint", INSERT, "INSERT INTO checkpoint SELECT {beside}, root, note, signed_at FROM checkpoint WHERE size = {middle}", Log, "checkpoint {beside}"),
    sql("checkpoint", INSERT, "INSERT INTO checkpoint SELECT {next}, root, note, signed_at FROM checkpoint WHERE size = {size}", Log, "checkpoint {next}"),
    sql("served_checkpoint", "size", "UPDATE served_checkpoint SET size = {next} WHERE size = {size}", Log, "served_checkpoint {size}"),
    sql("served_checkpoint", "served_at", "UPDATE served_checkpoint SET served_at = {later} WHERE size = {middle}", Time, "served_checkpoint {middle}"),
    sql("served_checkpoint", DELETE, "DELETE FROM served_checkpoint WHERE size = {middle}", Log, "served_checkpoint {middle}"),
    sql("served_checkpoint", DELETE, "DELETE FROM served_checkpoint WHERE size = {size}", Log, "served_checkpoint {size}"),
    sql("served_checkpoint", INSERT, "INSERT INTO served_checkpoint SELECT {next}, served_at FROM served_checkpoint WHERE size = {size}", Log, "served_checkpoint {next}"),
    sql("log_head", "id", "UPDATE log_head SET id = 2", Log, "log_head 1"),
    sql("log_head", "origin", "UPDATE log_head SET origin = 'another/log'", Log, "log_head 1"),
    sql("log_head", "stored_size", "UPDATE log_head SET stored_size = {middle}, head_size = {middle}", Log, "log_head 1"),
    sql("log_head", "stored_size", "UPDATE log_head SET stored_size = -1", Log, "log_head 1"),
    sql("log_head", "stored_size", "UPDATE log_head SET stored_size = 9000000000000000000", Log, "log_head 1"),
    sql("log_head", "head_size", "UPDATE log_head SET head_size = {middle}", Log, "log_head 1"),
    sql("log_head", DELETE, "DELETE FROM log_head", Log, "log_head 1"),
    sql("log_head", INSERT, "UPDATE log_head SET id = 2; INSERT INTO log_head SELECT 1, origin, {middle}, {middle} FROM log_head WHERE id = 2", Log, "log_head 1"),
    // The journal.
    sql("intent", "first_index", "UPDATE intent SET first_index = {inside} WHERE first_index = {begins}", Log, "intent {begins}"),
    sql("intent", "count", "UPDATE intent SET count = count + 1 WHERE first_index = {begins}", Log, "intent {begins}"),
    sql("intent", "count", "UPDATE intent SET count = count + 1 WHERE first_index = 0", Log, "intent 0"),
    sql("intent", "batch_id", "UPDATE intent SET batch_id = NULL WHERE first_index = {begins}", Log, "intent {begins}"),
    flip("intent", "digest", "first_index = {begins}", Log, "intent {begins}"),
    flip("intent", "digest", "first_index = 0", Log, "intent 0"),
    sql("intent", DELETE, "DELETE FROM intent WHERE first_index = {begins}", Log, "intent {begins}"),
    sql("intent", INSERT, "INSERT INTO intent SELECT {inside}, count, batch_id, digest, intended_at, fence FROM intent WHERE first_index = {begins}", Log, "intent {inside}"),
    sql("chunk", "first_index", "UPDATE chunk SET first_index = first_index + 1 WHERE first_index = {begins}", Log, "chunk {begins}"),
    sql("chunk", "count", "UPDATE chunk SET count = count - 1 WHERE first_index = {begins}", Log, "batch {batch}"),
    sql("chunk", "batch_id", "UPDATE chunk SET batch_id = NULL WHERE first_index = {begins}", Log, "chunk {begins}"),
    sql("chunk", "ordinal", "UPDATE chunk SET ordinal = 1 WHERE first_index = {begins}", Log, "chunk {begins}"),
    sql("chunk", "items", "UPDATE chunk SET items = 1 WHERE first_index = 0", Log, "chunk 0"),
    sql("chunk", "items", "UPDATE chunk SET items = 1 WHERE first_index = {begins}", Log, "batch {batch}"),
    sql("chunk", DELETE, "DELETE FROM chunk WHERE first_index = {begins}", Log, "chunk {begins}"),
    sql("chunk", INSERT, "INSERT INTO chunk SELECT {size}, 1, NULL, NULL, NULL FROM chunk WHERE first_index = 0", Log, "chunk {size}"),
    // Status lists.
    sql("status_list", "number", "UPDATE status_list SET number = 2", Index, "status_list 2"),
    sql("status_list", "size", "UPDATE status_list SET size = size - 1", Index, "status_list 1"),
    sql("status_list", "used", "UPDATE status_list SET used = used - 1", Index, "status_list 1"),
    sql("status_list", "used", "UPDATE status_list SET used = used + 1", Index, "status_list 1"),
    flip("status_list", "free_order", "number = 1", Index, "status_list 1"),
    sql("status_list", DELETE, "DELETE FROM status_list", Index, "status_list 1"),
    sql("status_list", INSERT, "INSERT INTO status_list SELECT 2, size, used, free_order FROM status_list", Index, "status_list 2"),
    sql("status_list_version", "purpose", "UPDATE status_list_version SET purpose = 'other' WHERE purpose = 'revocation' AND log_index = {list}", Index, "status_list_version other 1 at {list}"),
    sql("status_list_version", "number", "UPDATE status_list_version SET number = 2 WHERE purpose = 'revocation' AND log_index = {list}", Index, "status_list_version revocation 2 at {list}"),
    sql("status_list_version", "log_index", "UPDATE status_list_version SET log_index = {a} WHERE purpose = 'revocation' AND log_index = {list}", Index, "status_list_version revocation 1 at {a}"),
    sql("status_list_version", "valid_from", "UPDATE status_list_version SET valid_from = {later} WHERE purpose = 'revocation' AND log_index = {list}", Index, "status_list_version revocation 1 at {list}"),
    sql("status_list_version", DELETE, "DELETE FROM status_list_version WHERE purpose = 'revocation' AND log_index = {list}", Index, "status_list_version revocation 1 at {list}"),
    sql(
        "status_list_version",
        INSERT,
        "INSERT INTO status_list_version SELECT purpose, number, {b}, valid_from FROM status_list_version WHERE purpose = 'revocation' AND \
         log_index = {list}",
        Index,
        "status_list_version revocation 1 at {b}",
    ),
    sql("status_change", "purpose", "UPDATE status_change SET purpose = 'revocation' WHERE id = {suspends}", Index, "status_change {suspends}"),
    sql("status_change", "number", "UPDATE status_change SET number = 2 WHERE id = {revokes}", Index, "status_change {revokes}"),
    sql("status_change", "bit", "UPDATE status_change SET bit = (bit + 1) % 131072 WHERE id = {revokes}", Index, "status_change {revokes}"),
    sql("status_change", "value", "UPDATE status_change SET value = FALSE WHERE id = {suspends}", Status, "status_change {suspends}"),
    sql("status_change", "record_index", "UPDATE status_change SET record_index = {b} WHERE id = {revokes}", Index, "status_change {revokes}"),
    sql("status_change", "cause", "UPDATE status_change SET cause = 'nobody' WHERE id = {revokes}", Status, "status_change {revokes}"),
    sql("status_change", "cause", "UPDATE status_change SET cause = 'batch {batch}' WHERE id = {revokes}", Status, "status_change {revokes}"),
    sql("status_change", "requested_at", "UPDATE status_change SET requested_at = {later} WHERE id = {revokes}", Time, "status_change {revokes}"),
    sql("status_change", "requested_at", "UPDATE status_change SET requested_at = {earlier} WHERE id = {revokes}", Time, "status_change {revokes}"),
    sql("status_change", "version_index", "UPDATE status_change SET version_index = NULL WHERE id = {revokes}", Status, "{revoked_at}"),
    sql("status_change", "version_index", "UPDATE status_change SET version_index = {list} WHERE id = {revokes}", Time, "status_list_version revocation 1 at {list}"),
    sql("status_change", "version_index", "UPDATE status_change SET version_index = version_index + 1 WHERE id = {revokes}", Index, "status_change {revokes}"),
    sql("status_change", DELETE, "DELETE FROM status_change WHERE id = {revokes}", Status, "{revoked_at}"),
    sql("status_change", DELETE, "DELETE FROM status_change WHERE id = {suspends}", Status, "{suspended_at}"),
    sql(
        "status_change",
        INSERT,
        "INSERT INTO status_change SELECT 1000, purpose, number, (bit + 1) % 131072, value, record_index, cause, requested_at, version_index \
         FROM status_change WHERE id = {revokes}",
        Index,
        "{revoked_at}",
    ),
    // Records that wait.
    sql("waiting_item", "batch_id", "UPDATE waiting_item SET batch_id = '{batch}' WHERE batch_id = '{waits}'", Index, "waiting_item {batch} 0"),
    sql("waiting_item", "position", "UPDATE waiting_item SET position = 1 WHERE batch_id = '{waits}'", Index, "waiting_item {waits} 1"),
    sql("waiting_item", "due_at", "UPDATE waiting_item SET due_at = {later} WHERE batch_id = '{waits}'", Time, "waiting_item {waits} 0"),
    sql("waiting_item", "log_index", "UPDATE waiting_item SET log_index = {a} WHERE batch_id = '{waits}'", Index, "waiting_item {waits} 0"),
    sql("waiting_item", "log_index", "UPDATE waiting_item SET log_index = {a} WHERE log_index IS NOT NULL", Index, "waiting_item {settled} 0"),
    sql("waiting_item", "log_index", "UPDATE waiting_item SET log_index = NULL WHERE batch_id = '{settled}'", Index, "waiting_item {settled} 0"),
    sql("waiting_item", DELETE, "DELETE FROM waiting_item WHERE batch_id = '{waits}'", Index, "waiting_item {waits} 0"),
    sql("waiting_item", INSERT, "INSERT INTO waiting_item SELECT '{batch}', 0, due_at, NULL FROM waiting_item WHERE batch_id = '{waits}'", Index, "waiting_item {batch} 0"),
    // Snapshots.
    sql("snapshot", "id", "UPDATE snapshot SET id = 77 WHERE id = {public}", Index, "snapshot 77"),
    sql("snapshot", "audience", "UPDATE snapshot SET audience = 'partners' WHERE id = {public}", Index, "snapshot {public}"),
    sql("snapshot", "log_size", "UPDATE snapshot SET log_size = log_size - 1 WHERE id = {public}", Index, "snapshot {public}"),
    sql("snapshot", "tree_size", "UPDATE snapshot SET tree_size = tree_size + 1 WHERE id = {public}", Index, "snapshot {public}"),
    sql("snapshot", "taken_at", "UPDATE snapshot SET taken_at = {later} WHERE id = {public}", Index, "snapshot {public}"),
    sql("snapshot", "log_index", "UPDATE snapshot SET log_index = {a} WHERE id = {public}", Index, "snapshot {public}"),
    sql("snapshot", "log_index", "UPDATE snapshot SET log_index = NULL WHERE id = {public}", Index, "snapshot of entry {shot}"),
    sql("snapshot", DELETE, "DELETE FROM snapshot WHERE id = {public}", Index, "snapshot of entry {shot}"),
    sql("snapshot", INSERT, "INSERT INTO snapshot SELECT 77, audience, log_size, tree_size, taken_at, {a} FROM snapshot WHERE id = {public}", Index, "snapshot 77"),
    sql("snapshot_leaves", "snapshot_id", "UPDATE snapshot_leaves SET snapshot_id = 77 WHERE snapshot_id = {public}", Index, "snapshot_leaves 77 0"),
    sql("snapshot_leaves", "bundle_index", "UPDATE snapshot_leaves SET bundle_index = 1 WHERE snapshot_id = {public}", Index, "snapshot {public}"),
    sql("snapshot_leaves", "first_key", "UPDATE snapshot_leaves SET first_key = {x:00} WHERE snapshot_id = {public}", Index, "snapshot_leaves {public} 0"),
    // In a key it breaks their order, in a digest the root.
    flip("snapshot_leaves", "leaves", "snapshot_id = {public}", Index, "snapshot*"),
    sql("snapshot_leaves", "leaves", "UPDATE snapshot_leaves SET leaves = substr(leaves, 69) WHERE snapshot_id = {public}", Index, "snapshot_leaves {public} 0"),
    sql("snapshot_leaves", DELETE, "DELETE FROM snapshot_leaves WHERE snapshot_id = {public}", Index, "snapshot {public}"),
    sql("snapshot_leaves", INSERT, "INSERT INTO snapshot_leaves SELECT snapshot_id, 5, first_key, leaves FROM snapshot_leaves WHERE snapshot_id = {public}", Index, "snapshot_leaves {public} 5"),
    sql("snapshot_tile", "snapshot_id", "UPDATE snapshot_tile SET snapshot_id = 77 WHERE snapshot_id = {public}", Index, "snapshot_tile {public} 0/0"),
    sql("snapshot_tile", "level", "UPDATE snapshot_tile SET level = 3 WHERE snapshot_id = {public}", Index, "snapshot_tile {public} 0/0"),
    sql("snapshot_tile", "tile_index", "UPDATE snapshot_tile SET tile_index = 3 WHERE snapshot_id = {public}", Index, "snapshot_tile {public} 0/0"),
    flip("snapshot_tile", "hashes", "snapshot_id = {public}", Index, "snapshot_tile {public} 0/0"),
    sql("snapshot_tile", DELETE, "DELETE FROM snapshot_tile WHERE snapshot_id = {public}", Index, "snapshot_tile {public} 0/0"),
    sql("snapshot_tile", INSERT, "INSERT INTO snapshot_tile SELECT snapshot_id, 3, 3, hashes FROM snapshot_tile WHERE snapshot_id = {public}", Index, "snapshot_tile {public} 3/3"),
    flip("monitor_note", "snapshot_digest", "key_name = '{monitor}'", Damage::Signature, "monitor_note *"),
    sql("monitor_note", "key_name", "UPDATE monitor_note SET key_name = 'another'", Damage::Signature, "monitor_note *"),
    flip("monitor_note", "note", "key_name = '{monitor}'", Damage::Signature, "monitor_note *"),
    sql("monitor_note", INSERT, "INSERT INTO monitor_note SELECT {x:01}, key_name, note, received_at FROM monitor_note", Damage::Signature, "monitor_note 01 {monitor}"),
];

/// Damage in the database of a registry whose policy demands witnesses.
#[rustfmt::skip] // a table is read in rows
pub const WITNESSED: &[Case] = &[
    sql("cosigned_checkpoint", "size", "INSERT INTO cosigned_checkpoint SELECT 1, first_note, first_at, last_note, last_at FROM cosigned_checkpoint WHERE size = {size}", Log, "cosigned_checkpoint 1"),
    flip("cosigned_checkpoint", "first_note", "size = {size}", Log, "cosigned_checkpoint {size}"),
    flip("cosigned_checkpoint", "last_note", "size = {size}", Log, "cosigned_checkpoint {size}"),
    sql("cosigned_checkpoint", "last_note", "UPDATE cosigned_checkpoint SET last_note = (SELECT note FROM checkpoint WHERE size = {size}) WHERE size = {size}", Log, "cosigned_checkpoint {size}"),
    sql("cosigned_checkpoint", "first_at", "UPDATE cosigned_checkpoint SET first_at = {later} WHERE size = {size}", Time, "cosigned_checkpoint {size}"),
    sql("cosigned_checkpoint", "last_at", "UPDATE cosigned_checkpoint SET last_at = {earlier} WHERE size = {size}", Time, "cosigned_checkpoint {size}"),
    sql("cosigned_checkpoint", DELETE, "DELETE FROM cosigned_checkpoint WHERE size = {size}", Log, "cosigned_checkpoint {size}"),
    sql("awaiting_checkpoint", "size", "UPDATE awaiting_checkpoint SET size = {next} WHERE size = {size}", Log, "awaiting_checkpoint {size}"),
    sql("awaiting_checkpoint", "since", "UPDATE awaiting_checkpoint SET since = {later} WHERE size = {size}", Time, "awaiting_checkpoint {size}"),
    sql("awaiting_checkpoint", DELETE, "DELETE FROM awaiting_checkpoint WHERE size = {size}", Log, "awaiting_checkpoint {size}"),
    sql("awaiting_checkpoint", INSERT, "INSERT INTO awaiting_checkpoint SELECT {next}, since FROM awaiting_checkpoint WHERE size = {size}", Log, "awaiting_checkpoint {next}"),
    sql("served_checkpoint", DELETE, "DELETE FROM served_checkpoint WHERE size = {size}", Log, "served_checkpoint {size}"),
    sql("served_checkpoint", "served_at", "UPDATE served_checkpoint SET served_at = {later} WHERE size = {size}", Time, "served_checkpoint {size}"),
];
