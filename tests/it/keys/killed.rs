//! `chengxin keys publish` with a revocation, killed at steps of the publication story: the audit trail knows
//! of the document exactly when the log does, and lists of the revoked key do not stay.

use std::fs;
use std::sync::Arc;

use chengxin::record::status::{StatusPurpose, read_list};
use chengxin::registry::clock::SystemClock;
use chengxin::registry::key_ceremony;
use chengxin::registry::key_document::SPEAKS;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, freshness, fsck};
use chengxin::store::log::{body, head, status};

use crate::faults::number;
use crate::on_both_databases;
use crate::support::command::{chengxin, collect};
use crate::support::registry::Fixture;
use crate::support::stopped::Stopped;

on_both_databases!(a_revocation);

/// Who signed the newest version of each list.
fn signers(registry: &Registry) -> Vec<String> {
    let conn = &mut *registry.store.conn().unwrap();
    let size = head::read(conn).unwrap().stored_size;
    let signer = |purpose: StatusPurpose| {
        let version = status::newest_version(conn, purpose.as_str(), 1, size)
            .unwrap()
            .unwrap();
        let row = body::at(conn, version.log_index).unwrap().unwrap();
        let list = read_list(&row.bytes).unwrap();
        list.credential.proof.verification_method().to_owned()
    };
    StatusPurpose::ALL.map(signer).to_vec()
}

fn a_revocation(database: Option<&str>) {
    // Step, the how many-th time, and whether the document is in the log after it.
    let all = [
        ("storing", 1, false),
        ("stored", 1, true),
        ("head-signed", 1, true),
        ("head-moved", 1, true),
        ("records-signed", 2, true),
        ("stored", 2, true),
    ];
    let few = [("stored", 1, true)];
    let database = database.map(str::to_owned);
    for (step, nth, logged) in if database.is_some() {
        few.to_vec()
    } else {
        all.to_vec()
    } {
        let fixture = Fixture::new("killed-keys", database.as_deref());
        let registry = fixture.registry.clone().with_clock(Arc::new(SystemClock));
        freshness::refresh(&registry, &NoStops).unwrap();
        let revoked = signers(&registry).remove(0);
        let prepared = key_ceremony::revoke(&registry, &revoked, registry.clock.now(), SPEAKS).unwrap();
        let mut note = prepared.note;
        for n in [1, 2] {
            let root = registry.keys().unwrap().root(n).unwrap();
            note = key_ceremony::sign(note.as_bytes(), &root).unwrap().0;
        }
        let file = fixture.dir.join("keys.note");
        fs::write(&file, note).unwrap();
        let conn = &mut *registry.store.conn().unwrap();
        let acts = "SELECT COUNT(*) AS value FROM audit WHERE action = 'keys.publish'";
        let documents = "SELECT COUNT(*) AS value FROM body WHERE kind = 'keys'";
        let before = (number(conn, acts), number(conn, documents));

        let mut command = chengxin();
        command.args(["keys", "publish"]).arg(&file).args(fixture.data());
        let mut finish = chengxin();
        finish.arg("publish").args(fixture.data());
        if let Some(url) = &database {
            command.args(["--database-url", url]);
            finish.args(["--database-url", url]);
        }
        Stopped::at(&mut command, step, nth).kill();
        let told = i64::from(logged);
        assert_eq!(
            (number(conn, acts), number(conn, documents)),
            (before.0 + told, before.1 + told),
            "at {step}"
        );
        collect(&mut finish).ok();
        let old = signers(&registry).contains(&revoked);
        assert_eq!(freshness::is_due(&registry).unwrap(), logged && old, "at {step}");
        if logged {
            freshness::refresh(&registry, &NoStops).unwrap();
            assert!(!signers(&registry).contains(&revoked), "at {step}");
            assert!(!freshness::is_due(&registry).unwrap(), "at {step}");
        }
        assert_eq!(
            fsck::run(&registry, &|_, _| ()).unwrap().findings,
            [],
            "at {step}"
        );
    }
}
