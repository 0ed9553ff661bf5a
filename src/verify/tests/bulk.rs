//! Bulk files: the same verdicts as bundles, line by line, in any chunking.

use super::super::bulk::{Header, Line};
use super::super::fixture::{Plan, RECORDS, World, options};
use super::super::stream::{BulkReport, BulkVerifier, check_bulk};
use super::super::{Axis, Outcome, Reason, SignatureCheck, State, Verdict};

fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    (&file[..end], &file[end + 1..])
}

fn run(world: &World, file: &[u8], check: SignatureCheck) -> (BulkReport, Vec<(u64, Verdict)>) {
    let (header, lines) = split(file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), check).unwrap();
    let mut odd = Vec::new();
    let report = verifier
        .run(lines, |line, verdict| odd.push((line, verdict)))
        .unwrap();
    (report, odd)
}

#[test]
fn formats_round_trip() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let line = header.to_line().unwrap();
    assert_eq!(Header::parse(&line), Ok(header));
    let mut out = Vec::new();
    lines[3].write(&mut out);
    assert_eq!(Line::parse(&out[..out.len() - 1]), Ok(lines[3].clone()));
}

#[test]
fn all_lines_hold() {
    for plan in [Plan::default(), Plan::unwitnessed()] {
        let world = World::new(&plan);
        let file = world.bulk_file();
        let whole = check_bulk(
            file.as_slice(),
            &world.trust,
            &options(),
            SignatureCheck::Batch,
            |_, _| (),
        );
        assert_eq!(whole.unwrap().accepted, RECORDS as u64);
        assert!(
            check_bulk(
                &b"{}"[..],
                &world.trust,
                &options(),
                SignatureCheck::Strict,
                |_, _| ()
            )
            .is_err()
        );
        let (report, odd) = run(&world, &world.bulk_file(), SignatureCheck::Strict);
        assert_eq!(odd, []);
        assert_eq!(
            (report.accepted, report.outcome()),
            (RECORDS as u64, Some(Outcome::Accepted))
        );
    }
}

#[test]
fn the_odd_line_is_named() {
    let edit = |record: String| record.replace("第1号", "第2号");
    let world = World::new(&Plan {
        edit,
        bits: [false, true, false],
        ..Plan::default()
    });
    for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
        let (report, odd) = run(&world, &world.bulk_file(), check);
        assert_eq!((report.accepted, report.rejected), (RECORDS as u64 - 1, 1));
        let [(2, verdict)] = odd.as_slice() else {
            panic!("{odd:?}")
        };
        assert_eq!(verdict.finding(Axis::Signature).reason, Reason::SignatureInvalid);
        assert_eq!(verdict.finding(Axis::Status).reason, Reason::Suspended);
        assert_eq!(verdict.finding(Axis::Logged).state, State::Holds);
        assert_eq!(verdict.signature_check, check);
    }
}

#[test]
fn a_bad_header_shows_on_every_line() {
    let world = World::new(&Plan {
        roots: 1,
        ..Plan::default()
    });
    let (report, _) = run(&world, &world.bulk_file(), SignatureCheck::Strict);
    assert_eq!(report.rejected, RECORDS as u64);
    let (mut header, _) = World::new(&Plan::default()).bulk();
    header.checkpoints.clear();
    let mut file = header.to_line().unwrap();
    World::new(&Plan::default()).bulk().1[0].write(&mut file);
    let (report, odd) = run(&world, &file, SignatureCheck::Strict);
    assert_eq!(
        (report.rejected, odd[0].1.finding(Axis::Logged).state),
        (1, State::Fails)
    );
}

#[test]
fn lines_are_refused_with_their_reason() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let verifier = BulkVerifier::open(
        &header.to_line().unwrap(),
        &world.trust,
        &options(),
        SignatureCheck::Strict,
    )
    .unwrap();
    let mut good = Vec::new();
    lines[0].write(&mut good);
    good.pop();
    let text = String::from_utf8(good).unwrap();
    assert_eq!(verifier.check_line(text.as_bytes()).outcome(), Outcome::Accepted);
    for bad in [
        text.replace("{\"after\":3", "{\"after\": 3"),
        text.replace("\"before\":2,", ""),
        text.replace("\"after\":3", "\"after\":-3"),
        text.replace("{\"after\"", "{\"a\":0,\"after\""),
        text.replace("\"entry\":\"", "\"entry\":\"="),
        String::new(),
    ] {
        let verdict = verifier.check_line(bad.as_bytes());
        assert_eq!(verdict.finding(Axis::Syntax).state, State::Fails, "{bad}");
    }
    for (from, to, reason) in [
        ("\"after\":3", "\"after\":9", Reason::CheckpointsMisplaced),
        ("\"before\":2", "\"before\":3", Reason::CheckpointsMisplaced),
        ("\"index\":4", "\"index\":5", Reason::InclusionInvalid),
    ] {
        let verdict = verifier.check_line(text.replace(from, to).as_bytes());
        assert_eq!(verdict.finding(Axis::Logged).reason, reason);
    }
    let mut other = lines[0].clone();
    other.lists[1] = other.lists[0];
    other.key = other.lists[0];
    let mut line = Vec::new();
    other.write(&mut line);
    line.pop();
    let verdict = verifier.check_line(&line);
    assert_eq!(verdict.finding(Axis::Status).reason, Reason::ListMissing);
    assert_eq!(verdict.finding(Axis::IssuerKey).reason, Reason::KeyNotListed);
}

#[test]
fn every_byte_of_a_line() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let header = header.to_line().unwrap();
    let mut line = Vec::new();
    lines[0].write(&mut line);
    line.pop();
    for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
        let verifier = BulkVerifier::open(&header, &world.trust, &options(), check).unwrap();
        let mutants: Vec<Vec<u8>> = (0..line.len())
            .map(|place| {
                let mut line = line.clone();
                line[place] ^= 1;
                line
            })
            .collect();
        let mutants: Vec<&[u8]> = mutants.iter().map(Vec::as_slice).collect();
        for (place, verdict) in verifier.check_lines(&mutants).iter().enumerate() {
            assert_ne!(verdict.outcome(), Outcome::Accepted, "byte {place}");
        }
    }
}

#[test]
fn long_files_run_in_chunks() {
    let world = World::new(&Plan::unwitnessed());
    let file = world.bulk_file();
    let (header, lines) = split(&file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), SignatureCheck::Strict).unwrap();
    // 24 MB in more than one chunk, one bad line in the second, none ended by a newline at the end.
    let mut many = lines.repeat(400);
    many.extend_from_slice(b"{}\n");
    many.extend_from_slice(&lines[..lines.len() - 1]);
    let mut odd = Vec::new();
    let report = verifier.run(many.as_slice(), |line, _| odd.push(line)).unwrap();
    assert_eq!((report.accepted, report.rejected), (401 * RECORDS as u64, 1));
    assert_eq!(odd, [400 * RECORDS as u64 + 2]);
    assert_eq!(verifier.run(&b""[..], |_, _| ()).unwrap().outcome(), None);
    let endless = vec![b'x'; 20 << 20];
    assert!(verifier.run(endless.as_slice(), |_, _| ()).is_err());
}
