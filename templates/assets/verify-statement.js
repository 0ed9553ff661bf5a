// Verifies a statement in the browser: what the registry held on one employer as of a snapshot, “nothing”
// included (docs/formats.md). The same axes, states and reason codes as the offline program's.
//
// The parts are verify.js's, handed in because assets have no fixed names. What an answer proves is that the
// registry signed it; that its tree denies nobody is "asserted" until a monitor of the trust folder rebuilt it.
//
// The rest of a trust folder is read here too: monitors.txt, and successions.json, which says where each log
// ended whose key was stolen, and which one goes on with its tree.
const TYPE = "LabourCreditStatement";
const [MAX_RECORDS, MAX_MONITORS, MAX_LISTS, LEAF_HEAD] = [10000, 16, 192, 36];
const [KINDS, GRADED] = [{ RegistrySnapshot: "snapshot" }, ["IntegrityGrade", "RuleSetPublication", "WageBlacklistEntry"]];
const STATE = ["audience", "currentDigest", "id", "logRoot", "logSize", "recordCounts", "statusLists", "treeRoot", "treeSize", "type"];
/** `uscc:CODE` or `reg:DIVISION:NUMBER`. */
const NAME = /^(?:uscc:[0-9A-Z]{18}|reg:\d{6}:\d{13,15})$/;
/** Which leaves each form of an answer shows. */
const FORMS = { present: ["leaf"], between: ["left", "right"], "before-first": ["right"], "after-last": ["left"], empty: [] };

/** The verifier of every kind of file, from the functions of verify.js. */
export function statements(v) {
  const below = (a, b) => { for (let n = 0; n < 32; n += 1) if (a[n] !== b[n]) return a[n] < b[n]; return false; };
  const ascending = (items, is) => items.every((item, n) => n === 0 || is(items[n - 1], item));
  const keyOf = (leaf) => (leaf.data.length >= 32 ? leaf.data.slice(0, 32) : null);

  function readLeaf(value) {
    v.members(value, "leaf", ["data", "index", "inclusion"]);
    return { data: v.bytesOf(value.data, LEAF_HEAD + 32 * MAX_RECORDS), index: v.number(value.index, "index"), inclusion: v.path(value.inclusion, "inclusion") };
  }
  function readAnswer(value) {
    const names = Object.hasOwn(FORMS, value?.form) ? FORMS[value.form] : v.refuse('"form" is none of an answer');
    v.members(value, "answer", ["form", ...names]);
    return { form: value.form, leaves: names.map((name) => readLeaf(value[name])) };
  }
  function readStatement(value) {
    v.members(value, "statement", ["type", "version", "about", "answer", "snapshot", "checkpoints", "keys", "records", "lists", "monitors"]);
    v.equal(value.version, 1, "version");
    const names = ["described", "before", "after", "current"];
    const heads = v.members(value.checkpoints, "checkpoints", names);
    for (const name of names) v.members(heads[name], "checkpoint", name === "current" ? ["note"] : ["note", "consistency"]);
    // Each proof stands with the head that it starts from.
    const proof = (n) => (n === 0 ? [] : v.path(heads[names[n - 1]].consistency, "consistency"));
    return {
      about: v.string(value.about, "about"),
      answer: readAnswer(value.answer),
      snapshot: v.readList(value.snapshot),
      heads: names.map((name, n) => ({ source: v.string(heads[name].note, "note"), proof: proof(n) })),
      keys: v.array(value.keys, "keys", 2).map(v.readKey),
      records: v.array(value.records, "records", MAX_RECORDS),
      lists: v.array(value.lists, "lists", MAX_LISTS).map(v.readList),
      monitors: v.array(value.monitors, "monitors", MAX_MONITORS).map((note) => v.string(note, "monitors")),
    };
  }
  /** A snapshot: exactly the shape that this registry writes. */
  function readSnapshot(value) {
    const snapshot = v.readCredential(value, KINDS, { RegistrySnapshot: [STATE, []] });
    const { host, subject, until } = snapshot;
    const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    v.matches(value.id, uuid, "id");
    v.equal([subject.id, subject.type, until], [`https://${host}/log`, "LabourCreditLog", null], "credentialSubject");
    v.matches(subject.audience, /^(?:public|partners)$/, "audience");
    v.digestOf(subject.currentDigest);
    const counts = v.array(subject.recordCounts, "recordCounts", 16).map((row) => {
      v.members(row, "recordCounts", ["count", "recordType"]);
      if (!GRADED.includes(row.recordType) || v.number(row.count, "count") === 0) v.refuse('"recordCounts" is out of range');
      return row.recordType;
    });
    const url = new RegExp(`^https://${host.replaceAll(".", "\\.")}/status/(revocation|suspension|refresh)/([1-9]\\d{0,9})$`);
    const lists = v.array(subject.statusLists, "statusLists", 1 << 20).map((row) => {
      v.digestOf(v.members(row, "statusLists", ["digestMultibase", "id"]).digestMultibase);
      const [, purpose, number] = url.exec(row.id) ?? v.refuse('"statusLists" names no list of this registry');
      return 3 * Number(number) + v.PURPOSES.indexOf(purpose);
    });
    if (!ascending(counts, (a, b) => a < b) || !ascending(lists, (a, b) => a < b)) v.refuse("counts or lists are not ascending");
    const state = { audience: subject.audience, logSize: v.number(subject.logSize, "logSize"), treeSize: v.number(subject.treeSize, "treeSize") };
    return { ...snapshot, state: { ...state, logRoot: v.hash(subject.logRoot), treeRoot: v.hash(subject.treeRoot) } };
  }

  /** Digests (hex) that a leaf holds: key, count (uint32), and that many ascending digests. */
  function holding({ data }) {
    const [count, rest] = [data.length < LEAF_HEAD ? 0 : new DataView(data.buffer, data.byteOffset).getUint32(32), data.slice(LEAF_HEAD)];
    const digests = Array.from({ length: rest.length >> 5 }, (_, n) => v.hex(rest.slice(32 * n, 32 * n + 32)));
    if (count < 1 || count > MAX_RECORDS || rest.length !== 32 * count || !ascending(digests, (a, b) => a < b)) throw v.fails("answer-malformed", "not the leaf of an employer");
    return digests;
  }
  /** What the tree says about a key: the digests of its leaf, or null for nothing. */
  async function presence({ form, leaves: [one, two] }, key, { treeSize, treeRoot }) {
    const enclosed = (holds) => { if (!holds) throw v.fails("answer-not-enclosed"); };
    const of = (leaf) => keyOf(leaf) ?? (() => { throw v.fails("answer-malformed", "a leaf has no key"); })();
    if (form === "present" && !v.same(of(one), key)) throw v.fails("answer-other-employer");
    if (form === "between") {
      if (one.index + 1 !== two.index) throw v.fails("answer-not-adjacent", `${one.index}, ${two.index}`);
      enclosed(below(of(one), key) && below(key, of(two)));
    }
    if (form === "before-first" && one.index !== 0) throw v.fails("answer-not-at-edge", String(one.index));
    if (form === "before-first") enclosed(below(key, of(one)));
    if (form === "after-last" && one.index + 1 !== treeSize) throw v.fails("answer-not-at-edge", String(one.index));
    if (form === "after-last") enclosed(below(of(one), key));
    if (form === "empty" && (treeSize !== 0 || !v.same(treeRoot, await v.sha256(new Uint8Array(0))))) throw v.fails("answer-not-at-edge", String(treeSize));
    for (const leaf of [one, two].filter(Boolean)) {
      const root = await v.inclusionRoot(leaf.data, leaf.index, treeSize, leaf.inclusion).catch((error) => { throw v.isRefusal(error) ? v.fails("answer-path", error.message) : error; });
      if (!v.same(root, treeRoot)) throw v.fails("answer-path", "the path leads to another root");
    }
    const digests = [one, two].filter(Boolean).map(holding);
    return form === "present" ? digests[0] : null;
  }
  const nameOf = ({ subject }) => (subject.unifiedCode ? `uscc:${subject.unifiedCode}` : subject.registrationNumber ? `reg:${subject.division}:${subject.registrationNumber}` : null);
  /** A record that comes along, read; null for what is none. */
  const readRecord = (value) => { try { return v.readCredential(value); } catch { return null; } };

  /** The axis `answer`. */
  async function answered({ about, answer, records }, snapshot, ring) {
    const digests = await presence(answer, await v.sha256(v.utf8(about)), snapshot.state);
    if (digests === null && records.length > 0) throw v.fails("record-foreign");
    for (const value of records) {
      const record = readRecord(value);
      const held = record && digests.includes(v.hex(await v.sha256(record.bytes)));
      if (!held || record.host !== snapshot.host || nameOf(record) !== about) throw v.fails("record-foreign");
      if (!ring) throw v.undecided("no-trusted-key");
      const key = await v.tried(() => ring.find(record.method));
      if (key.finding || !await v.proofHolds(record, key.value.key)) throw v.fails("record-signature");
    }
    return { held: digests?.length ?? 0, ...v.finding("holds", digests ? "records-present" : "records-absent", { at: snapshot.from }) };
  }
  /** The axis `status` of the records that come along: the first that is not clear decides. */
  async function status({ records, lists }, chain, ring, issuer, now, { maxAge }) {
    const opened = [];
    for (const item of lists) opened.push(await v.tried(() => v.openList(item, chain, ring, issuer)));
    let clear = null;
    for (const value of records) {
      const pointer = readRecord(value)?.pointer;
      const bad = opened.find(({ finding }) => finding);
      if (!pointer || bad) return pointer ? bad.finding : v.finding("fails", "record-foreign");
      const found = v.PURPOSES.map((purpose) => opened.find(({ value: list }) => list.purpose === purpose && list.list === pointer.list)?.value ?? `${purpose}/${pointer.list}`);
      const missing = found.find((list) => typeof list === "string");
      clear = missing ? v.finding("undecided", "list-missing", missing) : v.statusFinding(found, pointer.index);
      // As for a record alone: what is not final may have changed since.
      const oldest = missing ? now : Math.min(...found.map(({ from }) => from));
      if (now - oldest > maxAge && ["clear", "suspended"].includes(clear.reason)) clear = v.finding("undecided", "list-stale", { at: oldest });
      if (clear.state !== "holds") return clear;
    }
    return clear;
  }
  /** The age of what the snapshot shows: of its own date, and of the head that it describes. */
  function freshness({ from }, chain, { newest: { updated, next } }, now, { maxAge }) {
    const [described, newest] = [chain.heads[0].times, Math.max(from, updated)];
    if (newest > (chain.current.times?.[1] ?? Infinity)) return v.finding("fails", "dated-after-checkpoint", { at: newest });
    if (newest > now) return v.finding("undecided", "clock-behind", { at: newest });
    // A new date on an old head would hide what came in between, and so would a head whose cosignatures were left out.
    const asOf = Math.min(from, described?.[1] ?? Infinity);
    if (now - asOf > maxAge) return v.finding("undecided", "snapshot-stale", { at: asOf });
    if (chain.demanded && !described) return v.finding("undecided", "time-unknown");
    return (next ?? 0) <= now && now - updated > maxAge ? v.finding("undecided", "key-document-stale", { at: updated }) : v.finding("holds", "snapshot-fresh", { at: Math.min(asOf, updated) });
  }
  /** What is wrong with where the snapshot stands; null if nothing. */
  function misplaced({ snapshot: { entry, index } }, { audience, logSize, logRoot }, { heads: [described] }) {
    if (!new TextDecoder().decode(entry).includes(`"audience":"${audience}"`)) return v.finding("fails", "entry-audience");
    return described.size === logSize && v.same(described.root, logRoot) && logSize <= index ? null : v.finding("fails", "snapshot-head");
  }
  /** The axis `monitored`: a known monitor's note over the snapshot's digest. `lines` is monitors.txt. */
  async function monitored(notes, snapshot, { policy, monitors }) {
    const [known, digest] = [await monitors, v.hex(await v.sha256(snapshot.bytes))];
    let best = v.finding("not-required", "asserted");
    for (const source of notes) {
      let signed, said;
      try {
        const opened = v.note(source);
        try { signed = await v.signers(opened, known); } catch { return v.finding("fails", "monitor-signature"); }
        const [header, origin, of, rebuilt, end, ...rest] = opened.text.split("\n");
        if (header !== "chengxin-monitor/v1" || !origin || !/^[0-9a-f]{64}$/.test(of) || end !== "" || rest.length > 0) v.refuse("another text");
        said = { origin, of, rebuilt: v.time(rebuilt, "rebuilt") };
      } catch (error) {
        if (!v.isRefusal(error)) throw error;
        return v.finding("fails", "monitor-malformed", error.message);
      }
      if (signed.length === 0) continue;
      if (said.of !== digest || !policy.logs.some(({ name }) => name === said.origin)) return v.finding("fails", "monitor-other-snapshot");
      best = v.finding("holds", "monitored", { at: said.rebuilt });
    }
    return best;
  }

  /** Keys of monitors.txt, one a line. */
  const readMonitors = (lines) => Promise.all((lines ?? "").split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#")).map((line) => v.verifierKey(line, 1)));
  /** A succession document that enough roots have signed; `old` is the origin that the one before it began. */
  async function readSuccession(source, old, { host, roots, threshold }) {
    const opened = v.note(source);
    if (new Set((await v.signers(opened, roots)).map(({ key }) => key)).size < threshold) v.refuse("successions: too few roots");
    const said = v.members(v.parse(opened.text), "succession", ["type", "version", "host", "oldOrigin", "oldKeys", "newOrigin", "newKey", "size", "root", "frozenAt"]);
    if (`${v.canonical(said)}\n` !== opened.text) v.refuse("successions: not canonical");
    const origins = [old, `${host}/log${Number(/\d*$/.exec(old)[0] || 1) + 1}`];
    v.equal([said.type, said.version, said.host, said.oldOrigin, said.newOrigin], ["LabourCreditLogSuccession", 1, host, ...origins], "succession");
    const [next, ...ended] = await Promise.all([said.newKey, ...v.array(said.oldKeys, "oldKeys", 16)].map((line) => v.verifierKey(line, 1)));
    if (ended.length === 0 || next.name !== origins[1] || ended.some(({ name, key }) => name !== old || v.same(key, next.key))) v.refuse("successions: keys of other logs");
    return { old, next, size: v.number(said.size, "size"), root: v.hash(said.root), at: v.time(said.frozenAt, "frozenAt") };
  }
  /** Puts into a policy where each log ended; `notes` is the array of successions.json. */
  async function readSuccessions(notes, { policy, issuer }) {
    let last = { next: { name: `${issuer.host}/log` }, size: -1, at: 0 };
    for (const source of v.array(notes ?? [], "successions", 16)) {
      const end = await readSuccession(source, last.next.name, issuer);
      if (end.size <= last.size || end.at < last.at) v.refuse("successions: not one log after the other");
      policy.ends.set(end.old, { ...end, next: end.next.name });
      last = end;
    }
    if (last.next.key && !policy.logs.some(({ name, id, key }) => name === last.next.name && id === last.next.id && v.same(key, last.next.key))) v.refuse("policy: the newest log is not named");
  }
  /** Reads a trust folder: as verify.js, and, where the folder has them, `monitors`, the text of monitors.txt, and
   * `successions`, the array of successions.json. */
  async function readTrust(folder) {
    const trust = await v.readTrust(folder);
    await readSuccessions(folder.successions, trust);
    return { ...trust, monitors: await readMonitors(folder.monitors) };
  }

  async function judge(value, trust, now, options) {
    const found = Object.fromEntries([...v.AXES, "answer", "monitored"].map((axis) => [axis, v.finding("undecided", "not-checked")]));
    const verdict = { axes: found, warnings: [], id: null, record: null, says: null };
    let [statement, snapshot] = [];
    try {
      [statement, snapshot] = [readStatement(value), readSnapshot(value.snapshot.credential)];
      if (!NAME.test(statement.about)) v.refuse('"about" names no employer');
    } catch (error) {
      if (!v.isRefusal(error) && !error.finding) throw error;
      found.syntax = v.finding("fails", "malformed", error.finding?.reason ?? error.message);
      return v.concluded(verdict);
    }
    const { state } = snapshot;
    Object.assign(verdict, { id: value.snapshot.credential.id, says: { about: statement.about, audience: state.audience, asOf: snapshot.from, logSize: state.logSize, held: null } });
    found.syntax = snapshot.host !== trust.issuer.host ? v.finding("fails", "foreign-issuer", value.snapshot.credential.issuer)
      : trust.contextKnown ? v.finding("holds", "well-formed") : v.finding("undecided", "context-unknown");
    found.validity = now < snapshot.from ? v.finding("fails", "not-yet-valid", { at: snapshot.from }) : v.finding("holds", "in-force", { at: snapshot.from });
    found.status = v.finding("not-required", "no-status");
    const chain = await v.tried(() => v.openChain(statement.heads, trust.policy));
    let ring;
    if (chain.finding) Object.assign(found, { logged: chain.finding, signature: v.finding("undecided", "no-trusted-key") });
    else {
      const around = { ...chain.value, heads: chain.value.heads.slice(1) };
      ring = await v.judge(verdict, snapshot, { place: statement.snapshot, keys: statement.keys, lists: [] }, around, trust, now, options);
      const newest = Math.max(...chain.value.heads.map((head) => head.times?.[1] ?? -Infinity));
      if (newest > now) found.validity = v.finding("undecided", "clock-behind", { at: newest });
    }
    if (ring) {
      if (found.logged.state === "holds") found.logged = misplaced(statement, state, chain.value) ?? found.logged;
      found.freshness = freshness(snapshot, chain.value, ring, now, options);
      if (statement.records.length > 0) found.status = await status(statement, chain.value, ring, trust.issuer, now, options);
    }
    const answer = await v.tried(() => answered(statement, snapshot, ring));
    const { held = null, ...finding } = answer.finding ?? answer.value;
    [found.answer, verdict.says.held] = [finding, held];
    found.monitored = await monitored(statement.monitors, snapshot, trust);
    return v.concluded(verdict);
  }
  /** Verifies the bytes of a statement, a bundle or a bare record, as of `now` (seconds since 1970). */
  async function verify(bytes, trust, now = Math.floor(Date.now() / 1000), options = v.DEFAULTS) {
    const value = v.opened(bytes);
    return value.type === TYPE ? judge(value, trust, now, options) : v.verify(bytes, trust, now, options);
  }
  return { readTrust, verify };
}
