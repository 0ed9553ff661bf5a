-- The registry's own working tables: who, about whom, on what evidence, decided by whom.
-- Safe: creates only. Timestamps are UTC in whole seconds, written by the application; dates are Asia/Shanghai.

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE authority (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    division TEXT NOT NULL,
    document_prefix TEXT NOT NULL
);

CREATE TABLE employer (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT UNIQUE,
    registration TEXT,
    division TEXT NOT NULL,
    name TEXT NOT NULL,
    grams TEXT NOT NULL,
    kind TEXT NOT NULL,
    industry TEXT NOT NULL,
    headcount BIGINT NOT NULL,
    registered_on DATE NOT NULL,
    code_override TEXT,
    CHECK (code IS NOT NULL OR registration IS NOT NULL),
    UNIQUE (division, registration)
);
CREATE INDEX employer_registration ON employer (registration) WHERE registration IS NOT NULL;

-- Parts of names from two characters on: the application writes the name's two-character pieces as
-- words, and the index finds rows that have all the words of a query. (Locale-free: trigram search
-- on Chinese breaks under locale C.)
CREATE INDEX employer_grams ON employer USING gin (string_to_array(grams, ' '));

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('officer', 'employer')),
    authority_id TEXT REFERENCES authority (id),
    employer_id BIGINT REFERENCES employer (id),
    roles TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    suspended_at TIMESTAMP,
    CHECK ((kind = 'officer') = (authority_id IS NOT NULL)),
    CHECK ((kind = 'employer') = (employer_id IS NOT NULL))
);

-- Only the digest of a session's token is kept: a copy of this table signs nobody in.
CREATE TABLE session (
    token_digest BYTEA NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    csrf TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE sign_in_attempt (
    id BIGINT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX sign_in_attempt_subject ON sign_in_attempt (subject, at);

CREATE TABLE partner (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key_prefix TEXT NOT NULL,
    key_digest BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    authority_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    request_id TEXT NOT NULL,
    before_digest BYTEA,
    after_digest BYTEA,
    previous BYTEA NOT NULL,
    digest BYTEA NOT NULL
);

CREATE TABLE campaign (
    id TEXT NOT NULL PRIMARY KEY,
    authority_id TEXT NOT NULL REFERENCES authority (id),
    review_year BIGINT NOT NULL,
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL,
    population TEXT NOT NULL,
    form_version TEXT NOT NULL,
    denominator BIGINT NOT NULL,
    state TEXT NOT NULL
);

CREATE TABLE scope_item (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    employer_id BIGINT NOT NULL REFERENCES employer (id),
    in_scope BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (campaign_id, employer_id)
);

CREATE TABLE filing (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    employer_id BIGINT NOT NULL REFERENCES employer (id),
    state TEXT NOT NULL,
    channel TEXT,
    submitted_on DATE,
    closed_on DATE,
    PRIMARY KEY (campaign_id, employer_id)
);

CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    employer_id BIGINT NOT NULL REFERENCES employer (id),
    occurred_on DATE NOT NULL,
    document_number TEXT UNIQUE,
    body TEXT NOT NULL
);
CREATE INDEX evidence_employer ON evidence (employer_id);

CREATE TABLE blacklist_case (
    id TEXT NOT NULL PRIMARY KEY,
    employer_id BIGINT NOT NULL REFERENCES employer (id),
    authority_id TEXT NOT NULL REFERENCES authority (id),
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX blacklist_case_employer ON blacklist_case (employer_id);

-- A batch's items stand in a random order, chosen when it is proposed: the log must not tell
-- by its order who was decided about.
CREATE TABLE batch (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    authority_id TEXT NOT NULL REFERENCES authority (id),
    state TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    rule_set TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMP,
    decision_reason TEXT,
    published_by TEXT,
    published_at TIMESTAMP
);

CREATE TABLE batch_item (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    position BIGINT NOT NULL,
    employer_id BIGINT NOT NULL REFERENCES employer (id),
    outcome TEXT NOT NULL,
    decision TEXT NOT NULL,
    trace TEXT NOT NULL,
    PRIMARY KEY (batch_id, position)
);
CREATE INDEX batch_item_employer ON batch_item (employer_id);

CREATE TABLE quarantine (
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    line BIGINT NOT NULL,
    row_text TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    UNIQUE (source, line)
);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END;
$$;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION refuse('audit rows are never changed');
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse('audit rows are never deleted');
CREATE TRIGGER batch_item_no_update BEFORE UPDATE ON batch_item FOR EACH ROW EXECUTE FUNCTION refuse('a proposed decision is never edited: reject the batch and propose again');
CREATE TRIGGER batch_item_no_delete BEFORE DELETE ON batch_item FOR EACH ROW EXECUTE FUNCTION refuse('a proposed decision is never deleted');
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse('audit is never emptied');
CREATE TRIGGER batch_item_no_truncate BEFORE TRUNCATE ON batch_item FOR EACH STATEMENT EXECUTE FUNCTION refuse('batch_item is never emptied');
