//! The keys of the texts: one struct for each page or theme.
//!
//! A new key is a line here and one in each language; the compiler asks for both.

use serde::Serialize;

macro_rules! texts {
    ($($doc:literal $name:ident { $($key:ident)* })*) => {$(
        #[doc = $doc]
        #[derive(Debug, Serialize)]
        pub struct $name {
            $(#[doc = concat!("Text `", stringify!($key), "`.")] pub $key: &'static str,)*
        }
    )*};
}

/// Every text of one language.
#[derive(Debug, Serialize)]
pub struct Text {
    /// Header, footer and switches.
    pub site: Site,
    /// Entries of the navigation.
    pub nav: Nav,
    /// Words used on many pages.
    pub words: Words,
    /// Grades and badges.
    pub grades: Grades,
    /// Search.
    pub home: Home,
    /// Employer page.
    pub employer: Employer,
    /// How a listing ends.
    pub removal: Removal,
    /// Verification page.
    pub verify: Verify,
    /// Axes of a verdict and what they mean.
    pub axes: Axes,
    /// States of an axis.
    pub states: States,
    /// Verdict sentences of the verification page.
    pub verdicts: Verdicts,
    /// Types of record.
    pub kinds: Kinds,
    /// Sign-in.
    pub sign_in: SignIn,
    /// Officer’s home.
    pub office: Office,
    /// Batch review.
    pub batch: Batch,
    /// One item of a batch.
    pub item: Item,
    /// Change of a published record.
    pub change: Change,
    /// Error pages.
    pub error: Error,
    /// Why a record can be believed.
    pub trust: Trust,
}

texts! {
    "Header, footer and switches." Site {
        seal name short_name tagline skip nav mode_large mode_normal switch_lang sign_in sign_out
        demo footer_promise host_by contact filing address registry accessibility
    }
    "Entries of the navigation." Nav {
        search verify trust office
    }
    "Words used on many pages." Words {
        crumb pages previous_page next_page copy copied print code registration kind division
        industry all_regions all_grades items_of as_of none count_of_grade
    }
    "Grades and badges." Grades {
        a b c a_means b_means c_means unpublished of_year not_listed listed years_in_a suspended
    }
    "Search." Home {
        title heading lead box_label placeholder region go hint results order nothing nothing_means
        nothing_try_code nothing_try_name nothing_try_region bad_code bad_check bad_organisation
        bad_character too_short too_short_text way_search way_search_text way_verify way_verify_text
        way_trust way_trust_text grades grades_public figure_a figure_a_note figure_none figure_listed
        figure_listed_note figure_log figure_log_note figure_as_of
    }
    "Employer page." Employer {
        history year grade authority published state no_history state_current state_replaced
        state_expired basis rule_set period document decided_on decided_by basis_items trace
        blacklist not_listed not_listed_text listed listed_text listed_on expires_on
        earliest_removal listed_suspended listed_suspended_text limb amount unsaid unsaid_lead unsaid_dispute unsaid_persons unsaid_other
        unsaid_withdrawn why_none why_none_lead why_scope why_pending why_audience why_lapsed
        why_never verification self_check check_yourself personal objection objection_by objection_any repair
        where_to facts download_bundle download_record valid_title valid_text valid_link
        listed_title listed_verdict listed_link none_title none_text revoked_title own_title
        own_text
    }
    "How a listing ends." Removal {
        heading not_yet by_correction by_correction_text by_listing by_listing_text
        by_listing_only_shown conditions conditions_alone bars apply object ends responsible pay_order pay_order_text
    }
    "Verification page." Verify {
        title heading lead drop choose stays paste paste_label check no_script no_script_text
        against against_note offline offline_text offline_exit offline_get meaning issuer log_origin root_keys
        threshold policy policy_none policy_quorum trust_until
    }
    "Axes of a verdict and what they mean." Axes {
        syntax signature issuer_key logged time witnessed validity status freshness backdating answer
        monitored syntax_means signature_means issuer_key_means logged_means time_means witnessed_means
        validity_means status_means freshness_means backdating_means answer_means monitored_means of_statements
    }
    "States of an axis." States {
        holds fails undecided not_required
    }
    "Change of a published record." Change {
        of_grade of_listing heading lead kind kind_missing correction_text downgrade_text suspension_text
        restoration_text reason reason_hint document submit not_taken revoked replaced suspended
        not_suspended not_lower unchanged not_a_grade expired unfit no_reason no_document withdrawal_text not_a_listing case_refuses already number_taken
        no_role elsewhere proposed_notice proposed_notice_text conclusion_text record not_now may_not approve_new approve_status
        approve_statement publish_new publish_status published_new published_waiting published_waiting_text
        published_status trace_note no_evidence computed_again approve_withdrawal publish_withdrawal
        published_withdrawal withdrawal_trace_note withdrawal_no_evidence ended_on due_on erased_on case
        erased_text erased_mark
    }
    "The verification page around a verdict; its words and sentences are the verifier’s." Verdicts {
        unreadable_text unsupported unsupported_text checked_at record record_unproven subject
        code kind result year decided_by period file checks trouble_text statement statement_about
        statement_as_of statement_audience statement_public statement_partners statement_held statement_log_size as_of now_revoked now_revoked_text now_suspended now_suspended_text now_replaced now_replaced_text now_clear
        now_clear_text now_same now_unknown
    }
    "Types of record." Kinds {
        integrity_grade wage_blacklist_entry rule_set_publication record_withdrawal status_list
    }
    "Sign-in." SignIn {
        title heading lead account account_hint password go help failed failed_text slow_down
        slow_down_text needed needed_text
    }
    "Officer’s home." Office {
        title heading greeting pending decided batch proposed_by items totals state next
        none_pending none_pending_text none_decided two_persons figure_mine figure_waiting
        figure_withdrawals figure_withdrawals_note figure_published figure_published_note figure_batches next_you next_other next_publish
        next_done
    }
    "Batch review." Batch {
        totals decide approve approve_text approve_go approve_statement approve_statement_one open_case open_employer case reject reject_text
        reject_approved_text reject_go
        reason opinion reason_missing list find find_hint grade division filter employer decided_by open
        open_of none none_text chart share step_computed step_proposed step_approved step_published
        step_rejected waiting state_proposed state_approved state_rejected state_publishing
        state_published next_actor why_not why_proposer why_role why_jurisdiction approved_notice
        approved_notice_text rejected_notice changed changed_text proposer proposed_on digest
        rule_set authority why_level read_missing
        publish publish_text publish_go published_notice published_notice_text awaiting_notice awaiting_notice_text not_published not_approved not_published_text listed
        read_again withdrawn withdrawn_title withdrawal_title only_one all_alike
    }
    "One item of a batch." Item {
        trace trace_note evidence evidence_id kind occurred document no_evidence facts previous next
        back computed computed_text met not_met undetermined superseded deciding
        missing counted listing listing_text pay_order listing_trace_note
    }
    "Error pages." Error {
        what_to_do fields request back_home not_found not_found_text not_found_check
        not_found_verify forbidden forbidden_text forbidden_role forbidden_admin invalid
        invalid_text invalid_fix server server_text server_retry server_tell
    }
    "Why a record can be believed." Trust {
        title heading lead how how_rule how_rule_text how_two how_two_text how_sign how_sign_text
        how_log how_log_text how_check how_check_text tamper place cannot can server server_cannot
        server_can issuer issuer_cannot issuer_can log log_cannot log_can roots roots_cannot
        roots_can silence silence_text identity identity_note accessibility_text
    }
}
