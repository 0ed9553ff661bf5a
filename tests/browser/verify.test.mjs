// The browser's verifier in Node, on a bundle made here: the good one holds, one mutant for each axis fails there.
//   node tests/browser/verify.test.mjs
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { headline } from "../../templates/assets/headline.js";
import * as verifier from "../../templates/assets/verify.js";
import { statements } from "../../templates/assets/verify-statement.js";

const { canonical, parse, Unusable } = verifier;
const { readTrust, verify } = statements(verifier);
const utf8 = (text) => new TextEncoder().encode(text);
const b64 = (bytes) => Buffer.from(bytes).toString("base64");
const sha = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const HOST = "registry.example";
const NOW = Date.parse("2026-11-22T09:00:00Z") / 1000;
const stamp = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

function base58(bytes) {
  let value = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let out = "";
  for (; value > 0n; value /= 58n) out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[Number(value % 58n)] + out;
  for (const byte of bytes) { if (byte !== 0) break; out = `1${out}`; }
  return `z${out}`;
}
async function newKey(name, type = 1) {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const id = (await sha(join(utf8(`${name}\n`), [type], raw))).slice(0, 4);
  const sign = async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, message));
  return { name, raw, id, sign, vkey: `${name}+${Buffer.from(id).toString("hex")}+${b64(join([type], raw))}` };
}
async function note(text, keys, cosigners = [], at = 0) {
  let out = `${text}\n`;
  for (const key of keys) out += `\u2014 ${key.name} ${b64(join(key.id, await key.sign(utf8(text))))}\n`;
  for (const key of cosigners) {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(at));
    out += `\u2014 ${key.name} ${b64(join(key.id, time, await key.sign(utf8(`cosignature/v1\ntime ${at}\n${text}`))))}\n`;
  }
  return out;
}

// The tree, by the recursive definitions of RFC 6962.
const leaf = (entry) => sha(join([0], entry));
const split = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
async function root(leaves) {
  if (leaves.length === 0) return sha(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return sha(join([1], await root(leaves.slice(0, k)), await root(leaves.slice(k))));
}
async function inclusion(leaves, index) {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return index < k ? [...await inclusion(leaves.slice(0, k), index), await root(leaves.slice(k))]
    : [...await inclusion(leaves.slice(k), index - k), await root(leaves.slice(0, k))];
}
async function consistency(leaves, m, whole = true) {
  if (m === leaves.length) return whole ? [] : [await root(leaves)];
  const k = split(leaves.length);
  return m <= k ? [...await consistency(leaves.slice(0, k), m, whole), await root(leaves.slice(k))]
    : [...await consistency(leaves.slice(k), m - k, false), await root(leaves.slice(0, k))];
}

/** A registry and one bundle; every choice of `change` makes another world in which all else is right. */
async function world(change = {}) {
  const o = { now: NOW, witnesses: 0, set: [], size: 11, before: 6, index: 7, ...change };
  const roots = await Promise.all([1, 2, 3].map((n) => newKey(`${HOST}/root-${n}`)));
  const log = await newKey(`${HOST}/log`);
  const witness = await newKey("witness.example/w", 4);
  const issuer = await newKey("issuer");
  const method = `did:web:${HOST}#key-${base58(join([0xed, 1], issuer.raw))}`;
  const context = '{"@context":{}}';
  const contexts = ["https://www.w3.org/ns/credentials/v2", `https://${HOST}/ns/labour-credit/v1`];
  const created = o.created ?? o.now - 7200;
  async function secure(document) {
    const proof = { "@context": contexts, type: "DataIntegrityProof", cryptosuite: "eddsa-jcs-2022", created: stamp(created), verificationMethod: method, proofPurpose: "assertionMethod" };
    const [a, b] = [await sha(utf8(canonical(proof))), await sha(utf8(canonical(document)))];
    return { ...document, proof: { ...proof, proofValue: base58(await issuer.sign(join(a, b))) } };
  }
  const list = (purpose) => {
    const bits = Buffer.alloc(16384);
    if (o.set.includes(purpose)) bits[94567 >> 3] |= 0x80 >> (94567 & 7);
    const id = `https://${HOST}/status/${purpose}/1`;
    return secure({ "@context": contexts, id, type: ["VerifiableCredential", "BitstringStatusListCredential"], issuer: `did:web:${HOST}`, validFrom: stamp(o.listFrom ?? o.now - 3600),
      credentialSubject: { id: `${id}#list`, type: "BitstringStatusList", statusPurpose: purpose, encodedList: `u${gzipSync(bits).toString("base64url")}` } });
  };
  const uuid = "0f0e3b54-7a3c-4d2e-9b1a-2f6c8d9e0a1b";
  const record = await secure({
    "@context": contexts, id: `urn:uuid:${uuid}`, type: ["VerifiableCredential", "IntegrityGrade"], issuer: `did:web:${HOST}`,
    validFrom: stamp(o.now - 86400 * 3), validUntil: stamp(o.until ?? o.now + 86400 * 300),
    credentialSubject: { id: `https://${HOST}/employers/91500105MA5U2K8X3L`, type: "Employer", name: "重庆江湾建材有限公司", unifiedCode: "91500105MA5U2K8X3L", division: "500105", gradeYear: 2025, grade: "A", basis: ["A"],
      documentNumber: "渝江北人社诚信〔2026〕0412 号", decidedOn: "2026-11-18", decidedBy: { name: "江北区人力资源和社会保障局", division: "500105" }, ruleSet: { id: "cn-national", version: "2016.1", digestMultibase: `u${join([0x12, 0x20], new Uint8Array(32)).toString("base64url")}` } },
    credentialStatus: ["revocation", "suspension", "refresh"].map((purpose) => ({ type: "BitstringStatusListEntry", statusPurpose: purpose, statusListIndex: "94567", statusListCredential: `https://${HOST}/status/${purpose}/1` })),
    refreshService: { type: "LabourCreditRefresh", id: `https://${HOST}/records/${uuid}/latest` },
  });
  if (o.alter) o.alter(record);
  const did = canonical({ "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", contexts[1]], id: `did:web:${HOST}`, updated: stamp(o.keysFrom ?? o.now - 3600), ...(o.next ? { nextUpdate: stamp(o.next) } : {}),
    verificationMethod: [{ id: method, type: "Multikey", controller: `did:web:${HOST}`, publicKeyMultibase: base58(join([0xed, 1], issuer.raw)), ...(o.revoked ? { revoked: stamp(o.revoked) } : {}) }], assertionMethod: [method] });
  const keys = await note(`${did}\n`, roots.slice(0, o.roots ?? 2));
  const lists = await Promise.all(["revocation", "suspension", "refresh"].map(list));
  const entry = async (body, kind) => utf8(`{"alg":"sha-256","audience":"public","digest":"${Buffer.from(await sha(utf8(body))).toString("hex")}","kind":"${kind}"}`);
  const entries = await Promise.all([entry(keys, "keys"), ...lists.map((one) => entry(canonical(one), "status-list"))]);
  for (let n = entries.length; n < o.size; n += 1) entries.push(await entry(`other ${n}`, "record"));
  entries[o.index] = await entry(canonical(record), o.kind ?? "record");
  const keysAt = o.keysAt ?? 0;
  entries[keysAt] = await entry(keys, "keys");
  const leaves = await Promise.all(entries.map(leaf));
  const head = async (size, at) => note(`${HOST}/log\n${size}\n${b64(await root(leaves.slice(0, size)))}\n`, [log], Array(o.witnesses).fill(witness), at);
  const place = async (index) => ({ entry: b64(entries[index]), index, inclusion: (await inclusion(leaves, index)).map(b64) });
  const after = o.after ?? o.index + 1;
  const grow = async (old, size) => (old === 0 ? [] : (await consistency(leaves.slice(0, size), old)).map(b64));
  const logged = o.logged ?? o.now - 3000;
  const bundle = { type: "LabourCreditBundle", version: 1, record, ...await place(o.index),
    checkpoints: { before: { note: await head(o.before, logged), consistency: await grow(o.before, after) }, after: { note: await head(after, o.seen ?? logged + 60), consistency: await grow(after, o.size) }, current: { note: await head(o.size, o.now - 30) } },
    keys: [{ note: keys, ...await place(keysAt) }], lists: await Promise.all(lists.map(async (credential, n) => ({ credential, ...await place(1 + n) }))) };
  const policy = `log ${log.vkey}\n${o.demand ? `witness w ${witness.vkey}\nquorum w\n` : "quorum none\n"}`;
  const trust = { policy, context, issuer: { did: `did:web:${HOST}`, host: HOST, roots: roots.map((key) => key.vkey), threshold: 2, contextDigest: `u${join([0x12, 0x20], await sha(utf8(context))).toString("base64url")}`, validUntil: stamp(o.now + 86400 * 900) } };
  return { bundle, trust, file: utf8(canonical(bundle)) };
}
const judged = async ({ file, trust }, now = NOW) => verify(file, await readTrust(trust), now);
const states = ({ axes }) => Object.fromEntries(Object.entries(axes).map(([axis, one]) => [axis, `${one.state} ${one.reason}`]));

if (process.argv[2] === "--write") {
  const { writeFileSync } = await import("node:fs");
  const made = await world({ now: Math.floor(Date.now() / 1000), set: process.argv[4] ? [process.argv[4]] : [] });
  writeFileSync(`${process.argv[3]}/bundle.json`, made.file);
  writeFileSync(`${process.argv[3]}/trust.json`, JSON.stringify(made.trust));
  process.exit(0);
}

const good = await world();
const verdict = await judged(good);
assert.deepEqual(states(verdict), {
  syntax: "holds well-formed", signature: "holds signature-valid", "issuer-key": "holds key-valid", logged: "holds included", time: "not-required not-required-by-policy",
  witnessed: "not-required not-required-by-policy", validity: "holds in-force", status: "holds clear", freshness: "holds fresh", backdating: "not-required not-required-by-policy",
});
assert.deepEqual([verdict.outcome, verdict.exitCode], ["accepted", 0]);
for (const [size, index, before, after] of [[5, 4, 0, 5], [9, 8, 8, 9], [16, 9, 4, 12], [33, 32, 32, 33], [20, 5, 5, 20], [8, 7, 6, 8]]) {
  assert.equal((await judged(await world({ size, index, before, after }))).outcome, "accepted", `${size}/${index}`);
}

const demanding = { demand: true, witnesses: 1 };
const witnessed = states(await judged(await world(demanding)));
assert.deepEqual([witnessed.time, witnessed.witnessed, witnessed.backdating], ["holds time-proven", "holds quorum-reached", "holds not-backdated"]);

// One world for each axis: what is wrong, the axis, its state and reason.
for (const [change, axis, expected] of [
  [{ alter: (record) => { record.extra = 1; } }, "syntax", "fails malformed"],
  [{ alter: (record) => { record.proof.cryptosuite = "ecdsa-jcs-2019"; } }, "syntax", "fails suite-unknown"],
  [{ alter: (record) => { record.credentialSubject.grade = "B"; } }, "signature", "fails signature-invalid"],
  [{ roots: 1 }, "issuer-key", "fails roots-too-few"],
  [{ revoked: NOW - 9000 }, "issuer-key", "fails key-revoked"],
  [{ kind: "rule-set" }, "logged", "fails entry-kind"],
  [{ before: 8, after: 9 }, "logged", "fails checkpoints-misplaced"],
  [{ ...demanding, logged: NOW - 3 * 86400, after: 11 }, "time", "holds time-proven"],
  [{ ...demanding, logged: NOW - 3 * 86400, after: 11, created: NOW - 5 * 86400 }, "backdating", "fails created-too-early"],
  [{ ...demanding, created: NOW - 60 }, "backdating", "fails created-after-logged"],
  // Between two days before and one hour ago: too wide to say when, so too wide to say that it was in time.
  [{ ...demanding, logged: NOW - 2 * 86400, seen: NOW - 3600, after: 11, created: NOW - 2 * 86400 }, "time", "undecided time-too-wide"],
  [{ ...demanding, logged: NOW - 2 * 86400, seen: NOW - 3600, after: 11, created: NOW - 2 * 86400 }, "backdating", "undecided time-too-wide"],
  [{ ...demanding, logged: NOW - 2 * 86400, seen: NOW - 3600, after: 11, created: NOW - 3 * 86400 - 1 }, "backdating", "fails created-too-early"],
  [{ demand: true }, "witnessed", "fails quorum-missing"],
  [{ until: NOW - 1 }, "validity", "fails expired"],
  [{ set: ["revocation"] }, "status", "fails revoked"],
  [{ set: ["suspension"] }, "status", "fails suspended"],
  [{ set: ["refresh"] }, "status", "fails replaced"],
  [{ listFrom: NOW - 86401 }, "freshness", "undecided list-stale"],
  [{ listFrom: NOW - 86401 }, "status", "undecided list-stale"],
  [{ listFrom: NOW - 86401, set: ["revocation"] }, "status", "fails revoked"],
  [{ listFrom: NOW - 86401, set: ["suspension"] }, "status", "undecided list-stale"],
  [{ keysFrom: NOW - 86401 }, "freshness", "undecided key-document-stale"],
  [{ keysFrom: NOW - 30 * 86400, next: NOW + 1 }, "freshness", "holds fresh"],
  [{ keysFrom: NOW - 30 * 86400, next: NOW }, "freshness", "undecided key-document-stale"],
  [{ keysFrom: NOW - 36 * 86400, next: NOW + 1 }, "issuer-key", "fails key-document-malformed"],
  [{ keysFrom: NOW - 3600, next: NOW + 3600 }, "issuer-key", "fails key-document-malformed"],
  [{ keysAt: 9 }, "issuer-key", "undecided key-listed-later"],
  [{ listFrom: NOW + 1 }, "freshness", "undecided clock-behind"],
]) assert.equal(states(await judged(await world(change)))[axis], expected, JSON.stringify(change));

// What every verifier says of the same files: tests/outsiders/test_bundle.py asks the other two.
const shared = JSON.parse(readFileSync(new URL("../vectors/bundle/axes.json", import.meta.url), "utf8"));
assert.equal(shared.length, 23);
for (const one of shared) {
  const verdict = await verify(utf8(one.file), await readTrust(one), one.now);
  assert.deepEqual([states(verdict), headline(verdict), verdict.exitCode], [one.axes, one.headline, one.exitCode], one.name);
}

// A trust folder whose policy names another host's log, even beside the issuer's own.
const { vkey: foreign } = await newKey("other.example/log");
const { vkey: successor } = await newKey(`${HOST}/log2`);
const withLog = (log) => readTrust({ ...good.trust, policy: `${good.trust.policy}log ${log}\n` });
await assert.rejects(withLog(foreign), /not a log of the issuer's host/);
await assert.rejects(readTrust({ ...good.trust, issuer: { ...good.trust.issuer, did: "did:web:other.example" } }));
// One of the same host is the issuer's own; but nothing says how far the key of the log before it counts.
assert.equal((await verify(good.file, await withLog(successor), NOW)).axes.logged.reason, "log-unknown");

// The row of logs after a theft: documents of two roots, one log after the other, the newest in the policy.
const across = shared.find(({ name }) => name === "successor");
for (const [change, why] of [
  [{ successions: [...across.successions, ...across.successions] }, /is not what a record/],
  [{ successions: [across.successions[0].replace(/\n[^\n]*\n$/, "\n")] }, /too few roots/],
  [{ successions: [across.successions[0].replace('"size":', '"size": ')] }, /does not verify/],
  [{ policy: across.policy.replace(/^log [^\n]*\n/, "") }, /newest log is not named/],
]) await assert.rejects(readTrust({ ...across, ...change }), why);

// A status list as if it were the record: strictly read, said to be one, as young as it says.
const aList = good.bundle.lists[1];
const asRecord = (credential, now = NOW) => judged({ ...good, file: utf8(canonical(credential)) }, now);
const listed = await asRecord(aList.credential);
assert.deepEqual([listed.axes.syntax.state, listed.warnings, headline(listed)], ["holds", ["status-list-itself"], "unproven"]);
for (const change of [
  (list) => { list.credentialSubject.id += "x"; },
  (list) => { list.credentialSubject.statusPurpose = "refresh"; },
  (list) => { list.credentialSubject.encodedList = `u${gzipSync(Buffer.alloc(16385)).toString("base64url")}`; },
  (list) => { list.id = list.id.replace("/status/", "/lists/"); },
]) {
  const list = structuredClone(aList.credential);
  change(list);
  const verdict = await asRecord(list);
  assert.deepEqual([verdict.axes.syntax.reason, Object.values(verdict.axes).some(({ state }) => state === "holds")], ["malformed", false]);
}

// Another registry's file is not forged: this trust folder says nothing about it.
const elsewhere = "other.example";
const other = { ...good.trust, policy: `log ${(await newKey(`${elsewhere}/log`)).vkey}\nquorum none\n`, issuer: { ...good.trust.issuer, host: elsewhere, did: `did:web:${elsewhere}` } };
assert.equal(headline(await judged({ ...good, trust: other })), "foreign");

// The headline: too old is not forged.
for (const [change, now, expected] of [
  [{}, NOW, "good"], [{}, NOW + 86400, "stale"], [{ set: ["suspension"] }, NOW, "suspended"], [{ set: ["suspension"] }, NOW + 86400, "stale"],
  [{ set: ["revocation"] }, NOW + 86400, "revoked"], [{ until: NOW - 1 }, NOW, "expired"], [{ roots: 1 }, NOW + 86400, "forged"],
]) assert.equal(headline(await judged(await world(change), now)), expected, JSON.stringify(change));

// A flipped character anywhere: never accepted.
let flipped = 0;
for (let at = 0; at < good.file.length; at += 37) {
  const mutant = good.file.slice();
  mutant[at] ^= 1;
  try { assert.notEqual((await judged({ ...good, file: mutant })).outcome, "accepted", `byte ${at}`); } catch (error) { if (!(error instanceof Unusable)) throw error; }
  flipped += 1;
}
for (const text of ['{"a":1,"a":2}', "[1.0]", "[-0]", "[9007199254740992]", '["\\ud800"]', "[1] x", "[01]", "[1,]", '{"a":}', "\u00a01", '["\t"]', "nul", `${"[".repeat(25)}${"]".repeat(25)}`]) {
  assert.throws(() => parse(text), undefined, text);
}
assert.equal(canonical(parse(' { "b" : [ 1 , -2 , "\\u20ac\\/" ] , "a" : null } ')), '{"a":null,"b":[1,-2,"€/"]}');
for (const text of ["", "[]", "null", "{}", '{"type":"x"}', " {}", "{\"type\":\"LabourCreditBundle\"} "]) {
  await assert.rejects(judged({ ...good, file: utf8(text) }), Unusable, text);
}
console.log(`verify.js: good bundles, one mutant for each axis, ${flipped} flipped bytes: as expected`);
