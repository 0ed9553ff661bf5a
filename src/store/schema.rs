//! The tables as diesel sees them: portable types only (Text, Binary, BigInt, Bool, Date, Timestamp).
#![allow(missing_docs)]

diesel::table! {
    setting (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    authority (id) {
        id -> Text,
        name -> Text,
        division -> Text,
        document_prefix -> Text,
    }
}

diesel::table! {
    employer (id) {
        id -> BigInt,
        code -> Nullable<Text>,
        registration -> Nullable<Text>,
        division -> Text,
        name -> Text,
        grams -> Text,
        kind -> Text,
        industry -> Text,
        headcount -> BigInt,
        registered_on -> Date,
        code_override -> Nullable<Text>,
    }
}

diesel::table! {
    account (id) {
        id -> Text,
        login -> Text,
        name -> Text,
        password_hash -> Text,
        kind -> Text,
        authority_id -> Nullable<Text>,
        employer_id -> Nullable<BigInt>,
        roles -> Text,
        created_at -> Timestamp,
        suspended_at -> Nullable<Timestamp>,
        person_id -> Text,
    }
}

diesel::table! {
    session (token_digest) {
        token_digest -> Binary,
        account_id -> Text,
        csrf -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sign_in_attempt (id) {
        id -> BigInt,
        subject -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    partner (id) {
        id -> Text,
        name -> Text,
        key_prefix -> Text,
        key_digest -> Binary,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        role -> Text,
        authority_id -> Nullable<Text>,
        action -> Text,
        subject -> Text,
        request_id -> Text,
        before_digest -> Nullable<Binary>,
        after_digest -> Nullable<Binary>,
        previous -> Binary,
        digest -> Binary,
    }
}

diesel::table! {
    campaign (id) {
        id -> Text,
        authority_id -> Text,
        review_year -> BigInt,
        opens_on -> Date,
        closes_on -> Date,
        population -> Text,
        form_version -> Text,
        denominator -> BigInt,
        state -> Text,
    }
}

diesel::table! {
    scope_item (campaign_id, employer_id) {
        campaign_id -> Text,
        employer_id -> BigInt,
        in_scope -> Bool,
        reason -> Text,
    }
}

diesel::table! {
    filing (campaign_id, employer_id) {
        campaign_id -> Text,
        employer_id -> BigInt,
        state -> Text,
        channel -> Nullable<Text>,
        submitted_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
    }
}

diesel::table! {
    evidence (id) {
        id -> Text,
        employer_id -> BigInt,
        occurred_on -> Date,
        document_number -> Nullable<Text>,
        body -> Text,
    }
}

diesel::table! {
    blacklist_case (id) {
        id -> Text,
        employer_id -> BigInt,
        authority_id -> Text,
        state -> Text,
        body -> Text,
    }
}

diesel::table! {
    batch (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        authority_id -> Text,
        state -> Text,
        size -> BigInt,
        digest -> Binary,
        rule_set -> Text,
        proposed_by -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decision_reason -> Nullable<Text>,
        published_by -> Nullable<Text>,
        published_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    batch_item (batch_id, position) {
        batch_id -> Text,
        position -> BigInt,
        employer_id -> BigInt,
        outcome -> Text,
        decision -> Text,
        trace -> Text,
    }
}

diesel::table! {
    document_counter (authority_id, kind, year) {
        authority_id -> Text,
        kind -> Text,
        year -> BigInt,
        last -> BigInt,
    }
}

diesel::table! {
    quarantine (id) {
        id -> BigInt,
        source -> Text,
        line -> BigInt,
        row_text -> Text,
        reason -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    body (log_index) {
        log_index -> BigInt,
        kind -> Text,
        audience -> Text,
        record_id -> Nullable<Binary>,
        record_type -> Nullable<Text>,
        employer_id -> Nullable<BigInt>,
        year -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        batch_id -> Nullable<Text>,
        bytes -> Binary,
    }
}

diesel::table! {
    tile (level, tile_index, width) {
        level -> BigInt,
        tile_index -> BigInt,
        width -> BigInt,
        hashes -> Binary,
    }
}

diesel::table! {
    entry_bundle (bundle_index, width) {
        bundle_index -> BigInt,
        width -> BigInt,
        entries -> Binary,
    }
}

diesel::table! {
    checkpoint (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    served_checkpoint (size) {
        size -> BigInt,
        served_at -> Timestamp,
    }
}

diesel::table! {
    awaiting_checkpoint (size) {
        size -> BigInt,
        since -> Timestamp,
    }
}

diesel::table! {
    cosigned_checkpoint (size) {
        size -> BigInt,
        first_note -> Text,
        first_at -> Timestamp,
        last_note -> Text,
        last_at -> Timestamp,
    }
}

diesel::table! {
    log_head (id) {
        id -> BigInt,
        origin -> Text,
        stored_size -> BigInt,
        head_size -> BigInt,
    }
}

diesel::table! {
    publisher_lease (id) {
        id -> BigInt,
        holder -> Text,
        fence -> BigInt,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    intent (first_index) {
        first_index -> BigInt,
        count -> BigInt,
        batch_id -> Nullable<Text>,
        digest -> Binary,
        intended_at -> Timestamp,
        fence -> BigInt,
    }
}

diesel::table! {
    chunk (first_index) {
        first_index -> BigInt,
        count -> BigInt,
        batch_id -> Nullable<Text>,
        ordinal -> Nullable<BigInt>,
        items -> Nullable<BigInt>,
    }
}

diesel::table! {
    status_list (number) {
        number -> BigInt,
        size -> BigInt,
        used -> BigInt,
        free_order -> Binary,
    }
}

diesel::table! {
    status_list_version (purpose, number, log_index) {
        purpose -> Text,
        number -> BigInt,
        log_index -> BigInt,
        valid_from -> Timestamp,
    }
}

diesel::table! {
    status_change (id) {
        id -> BigInt,
        purpose -> Text,
        number -> BigInt,
        bit -> BigInt,
        value -> Bool,
        record_index -> BigInt,
        cause -> Text,
        requested_at -> Timestamp,
        version_index -> Nullable<BigInt>,
    }
}

diesel::table! {
    waiting_item (batch_id, position) {
        batch_id -> Text,
        position -> BigInt,
        due_at -> Timestamp,
        log_index -> Nullable<BigInt>,
    }
}

diesel::table! {
    document_number (authority_id, number, batch_id) {
        authority_id -> Text,
        number -> Text,
        batch_id -> Text,
    }
}

diesel::table! {
    snapshot (id) {
        id -> BigInt,
        audience -> Text,
        log_size -> BigInt,
        tree_size -> BigInt,
        taken_at -> Timestamp,
        log_index -> Nullable<BigInt>,
    }
}

diesel::table! {
    snapshot_leaves (snapshot_id, bundle_index) {
        snapshot_id -> BigInt,
        bundle_index -> BigInt,
        first_key -> Binary,
        leaves -> Binary,
    }
}

diesel::table! {
    snapshot_tile (snapshot_id, level, tile_index) {
        snapshot_id -> BigInt,
        level -> BigInt,
        tile_index -> BigInt,
        hashes -> Binary,
    }
}

diesel::table! {
    monitor_note (snapshot_digest, key_name) {
        snapshot_digest -> Binary,
        key_name -> Text,
        note -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    erasure (record_index) {
        record_index -> BigInt,
        record_id -> Binary,
        record_type -> Text,
        audience -> Text,
        employer_id -> Nullable<BigInt>,
        origin_batch -> Nullable<Text>,
        case_id -> Nullable<Text>,
        digest -> Binary,
        cause -> Text,
        batch_id -> Nullable<Text>,
        ended_on -> Date,
        due_on -> Date,
        erased_at -> Timestamp,
        withdrawal_index -> BigInt,
        erasure_index -> BigInt,
    }
}

diesel::table! {
    archive (record_index) {
        record_index -> BigInt,
        nonce -> Binary,
        sealed -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    setting,
    authority,
    employer,
    account,
    session,
    sign_in_attempt,
    partner,
    audit,
    campaign,
    scope_item,
    filing,
    evidence,
    blacklist_case,
    batch,
    batch_item,
    document_counter,
    quarantine,
    body,
    tile,
    entry_bundle,
    checkpoint,
    served_checkpoint,
    awaiting_checkpoint,
    cosigned_checkpoint,
    log_head,
    publisher_lease,
    intent,
    chunk,
    status_list,
    status_list_version,
    status_change,
    waiting_item,
    document_number,
    snapshot,
    snapshot_leaves,
    snapshot_tile,
    monitor_note,
    erasure,
    archive,
);
