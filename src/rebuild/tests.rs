//! What counts as current, from a history in memory: revoked, replaced, expired, suspended, withdrawn, and
//! what is not for the public.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::gather::gather;
use super::history::{History, HistoryError, Logged};
use super::tree::{Nowhere, build};
use super::*;
use crate::record::credential::{Audience, RecordType, Template, samples};
use crate::record::current::{CurrentDigest, Holding, key};
use crate::record::entry::{Entry, EntryKind};
use crate::record::signer::Signer;
use crate::record::snapshot::{SnapshotDraft, State};
use crate::record::status::{Bitstring, ListDraft, StatusPurpose};

#[derive(Clone, Default)]
struct Past {
    logged: Vec<Logged>,
    lists: Vec<Vec<u8>>,
}

impl History for Past {
    fn lists(&mut self, _: u64) -> Result<Vec<Vec<u8>>, HistoryError> {
        Ok(self.lists.clone())
    }

    fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Logged>, HistoryError> {
        Ok(self.logged[from as usize..to as usize].to_vec())
    }
}

fn now() -> DateTime<Utc> {
    samples::created()
}

impl Past {
    fn log(&mut self, audience: Audience, kind: EntryKind, body: Vec<u8>) -> Digest {
        let digest = Digest::of(&body);
        let entry = Entry {
            audience,
            digest,
            kind,
        };
        self.logged.push(Logged {
            entry: entry.encode(),
            body: Some(body),
        });
        digest
    }

    /// Logs a grade of the employer number `n` with the status index `n`, valid until `until`.
    fn grade(&mut self, n: u32, audience: Audience, until: &str) -> Digest {
        let mut draft = samples::grade();
        draft.id = Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_a4b3_0000 + u128::from(n));
        draft.valid_until = Some(until.parse().unwrap());
        draft.valid_from = "2026-01-01T00:00:00Z".parse().unwrap();
        draft.status.index = n;
        if let crate::record::credential::Subject::Grade(facts) = &mut draft.subject {
            facts.employer.id = crate::record::credential::EmployerId::UnifiedCode(code(n).into());
        }
        let signer = samples::signer();
        let template = Template::new(&samples::host(), signer.verification_method(), now()).unwrap();
        let body = template.issue(&draft, &signer).unwrap();
        self.log(audience, EntryKind::Record, body)
    }

    /// Logs a version of each list with these bits: `(purpose, index)`.
    fn lists(&mut self, set: &[(StatusPurpose, u32)]) {
        let signer = samples::signer();
        let template = Template::new(&samples::host(), signer.verification_method(), now()).unwrap();
        self.lists.clear();
        for purpose in StatusPurpose::ALL {
            let mut bits = Bitstring::default();
            for (_, index) in set.iter().filter(|(of, _)| *of == purpose) {
                bits.set(*index, true).unwrap();
            }
            let draft = ListDraft {
                purpose,
                list: 1,
                bits,
                valid_from: now(),
                valid_until: None,
            };
            let body = template.issue_list(&draft, &signer).unwrap();
            self.lists.push(body.clone());
            self.log(Audience::Public, EntryKind::StatusList, body);
        }
    }

    fn state(&mut self, view: Audience) -> Result<State, RebuildError> {
        let size = self.logged.len() as u64;
        let (mut all, lists) = gather(self, size, now(), &[view], &std::env::temp_dir())?;
        build(all.remove(0), lists, (size, Hash([3; 32])), &mut Nowhere)
    }
}

fn code(n: u32) -> String {
    format!("9150010500000{n:05}")
}

const LATER: &str = "2027-10-31T15:59:59Z";

/// The state that exactly these records give.
fn expected(held: &[(u32, Digest)]) -> (u64, [u8; 32], Digest) {
    let mut leaves: Vec<Vec<u8>> = held
        .iter()
        .map(|(n, digest)| {
            let key = key(&format!("uscc:{}", code(*n)));
            let digests = vec![*digest];
            Holding { key, digests }.encode().unwrap()
        })
        .collect();
    leaves.sort();
    let mut tree = crate::log::sorted::SortedTree::new();
    leaves.iter().for_each(|leaf| drop(tree.push(leaf).unwrap()));
    let finished = tree.finish();
    let mut digests: Vec<Digest> = held.iter().map(|(_, digest)| *digest).collect();
    digests.sort();
    let mut lines = CurrentDigest::default();
    digests.into_iter().for_each(|digest| lines.push(digest).unwrap());
    (finished.size, finished.root.0, lines.finish())
}

fn found(state: &State) -> (u64, [u8; 32], Digest) {
    (state.tree_size, state.tree_root, state.current)
}

/// One record of each fate.
fn fates() -> (Past, Vec<Digest>) {
    let mut past = Past::default();
    past.lists(&[]);
    let mut digests: Vec<Digest> = (0..4).map(|n| past.grade(n, Audience::Public, LATER)).collect();
    digests.push(past.grade(4, Audience::Public, "2026-10-09T08:30:00Z")); // expires at this very moment
    digests.push(past.grade(5, Audience::Public, "2026-10-09T08:30:01Z")); // a second later
    digests.push(past.grade(6, Audience::Partners, LATER));
    past.lists(&[
        (StatusPurpose::Revocation, 1),
        (StatusPurpose::Suspension, 2),
        (StatusPurpose::Refresh, 3),
    ]);
    (past, digests)
}

#[test]
fn revoked_replaced_and_expired_are_out_and_suspended_is_in() {
    let (mut past, digests) = fates();
    let own = |numbers: &[u32]| -> Vec<(u32, Digest)> {
        numbers.iter().map(|n| (*n, digests[*n as usize])).collect()
    };
    let public = past.state(Audience::Public).unwrap();
    assert_eq!(found(&public), expected(&own(&[0, 2, 5])));
    assert_eq!(public.counts, [(RecordType::IntegrityGrade, 3)]);
    assert_eq!(public.lists.len(), 3);
    assert!(
        public
            .lists
            .iter()
            .zip(&past.lists)
            .all(|(list, bytes)| list.digest == Digest::of(bytes))
    );
    let partners = past.state(Audience::Partners).unwrap();
    assert_eq!(found(&partners), expected(&own(&[0, 2, 5, 6])));
}

/// The public's snapshot is the same whether or not there are records for partners only.
#[test]
fn the_public_view_does_not_know_of_partners_records() {
    let (with, _) = fates();
    let mut without = with.clone();
    let hidden = |logged: &Logged| Entry::decode(&logged.entry).unwrap().audience == Audience::Partners;
    without.logged.retain(|logged| !hidden(logged));
    // A public mirror has no such body at all.
    let mut mirror = with.clone();
    for logged in mirror.logged.iter_mut().filter(|logged| hidden(logged)) {
        logged.body = None;
    }
    let states = [with, without, mirror].map(|mut past| {
        let state = past.state(Audience::Public).unwrap();
        (found(&state), state.counts, state.lists)
    });
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0], states[2]);
}

#[test]
fn a_missing_body_must_have_been_withdrawn() {
    let (mut past, digests) = fates();
    let place = past.logged.len() - 3 - 6; // record 1, the revoked one
    past.logged[place].body = None;
    assert!(matches!(past.state(Audience::Public), Err(RebuildError::Gone(gone)) if gone == digests[1]));
    let entry = Entry {
        audience: Audience::Public,
        digest: digests[1],
        kind: EntryKind::Erasure,
    };
    past.logged.push(Logged {
        entry: entry.encode(),
        body: None,
    });
    let own = [0, 2, 5].map(|n: u32| (n, digests[n as usize]));
    assert_eq!(found(&past.state(Audience::Public).unwrap()), expected(&own));
}

#[test]
fn nothing_is_believed_that_the_log_does_not_say() {
    let (past, _) = fates();
    let refused = |change: fn(&mut Past)| {
        let mut past = past.clone();
        change(&mut past);
        past.state(Audience::Public).unwrap_err()
    };
    // Yesterday's lists, which do not know of the revocation.
    let old = refused(|past| past.lists = past.logged[..3].iter().filter_map(|l| l.body.clone()).collect());
    assert!(matches!(old, RebuildError::List(_)), "{old}");
    assert!(matches!(
        refused(|past| past.lists.clear()),
        RebuildError::Damaged(..)
    ));
    let other = refused(|past| past.logged[3].body = past.logged[4].body.clone());
    assert!(matches!(other, RebuildError::Damaged(3, _)), "{other}");
    let kind = refused(|past| {
        let body = past.logged[3].body.clone().unwrap();
        past.logged.remove(3);
        past.log(Audience::Public, EntryKind::RuleSet, body);
    });
    assert!(matches!(kind, RebuildError::Damaged(..)), "{kind}");
    assert!(matches!(
        refused(|past| past.logged[3].entry.push(b' ')),
        RebuildError::Damaged(3, _)
    ));
}

#[test]
fn two_records_of_one_employer_share_a_leaf() {
    let mut past = Past::default();
    past.lists(&[]);
    let (one, other) = (
        past.grade(1, Audience::Public, LATER),
        past.grade(1, Audience::Public, "2027-10-31T15:59:58Z"),
    );
    let state = past.state(Audience::Public).unwrap();
    assert_eq!(state.tree_size, 1);
    assert_eq!(state.counts, [(RecordType::IntegrityGrade, 2)]);
    let mut digests = vec![one, other];
    digests.sort();
    let leaf = Holding {
        key: key(&format!("uscc:{}", code(1))),
        digests,
    };
    let leaf = crate::log::hash::leaf_hash(&leaf.encode().unwrap());
    assert_eq!(state.tree_root, leaf.0);
}

#[test]
fn an_empty_registry() {
    let mut past = Past::default();
    past.lists(&[]);
    let state = past.state(Audience::Public).unwrap();
    assert_eq!(
        found(&state),
        (0, crate::log::hash::empty_root().0, Digest::of(b""))
    );
    assert_eq!(state.counts, []);
}

/// A registry that signs a tree with a leaf left out: whoever rebuilds it sees which members are untrue.
#[test]
fn a_monitor_finds_what_a_registry_left_out() {
    let (mut past, _) = fates();
    let honest = past.state(Audience::Public).unwrap();
    let mut less = past.clone();
    let last = less.logged.len() - 3 - 2; // record 5
    less.logged.remove(last);
    let lie = State {
        log_size: honest.log_size,
        ..less.state(Audience::Public).unwrap()
    };
    let mut check = |state: State| {
        let draft = SnapshotDraft {
            id: samples::grade().id,
            valid_from: now(),
            state,
        };
        let signer = samples::signer();
        let template = Template::new(&samples::host(), signer.verification_method(), now()).unwrap();
        let bytes = template.issue_snapshot(&draft, &signer).unwrap();
        differences(&bytes, Hash([3; 32]), &mut past, &std::env::temp_dir()).unwrap()
    };
    assert_eq!(check(honest.clone()), Vec::<&str>::new());
    assert_eq!(
        check(lie),
        ["recordCounts", "currentDigest", "treeSize", "treeRoot"]
    );
    let other_log = State {
        log_root: [4; 32],
        ..honest
    };
    assert_eq!(check(other_log), ["logRoot"]);
}
