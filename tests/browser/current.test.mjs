// The current status of a record in Node: lists that say otherwise than the file, and lists that prove nothing.
//   node tests/browser/current.test.mjs
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import * as verifier from "../../templates/assets/verify.js";
import { currentStatus } from "../../templates/assets/verify-current.js";
import { statements } from "../../templates/assets/verify-statement.js";

const golden = (name) => readFileSync(new URL(`../vectors/bundle/${name}`, import.meta.url), "utf8");
const utf8 = (text) => new TextEncoder().encode(text);
const sha = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
const seconds = (text) => Date.parse(text) / 1000;
const standing = currentStatus(verifier);
const { readTrust } = statements(verifier);
const cases = JSON.parse(golden("statements.json"));
const trust = await readTrust({ policy: golden("trust/policy.txt"), issuer: JSON.parse(golden("trust/issuer.json")), context: cases[0].context });
const bundle = JSON.parse(golden("bundle.json"));
const NOW = seconds("2026-10-10T06:00:00Z");

function base58(bytes) {
  let [value, out] = [BigInt(`0x${Buffer.from(bytes).toString("hex")}`), ""];
  for (; value > 0n; value /= 58n) out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[Number(value % 58n)] + out;
  for (const byte of bytes) { if (byte !== 0) break; out = `1${out}`; }
  return `z${out}`;
}

/** The issuer's key of the golden files has the seed 42, 42, …; another is a stranger's. */
const keyOf = (seed) => crypto.subtle.importKey("pkcs8", Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)]), "Ed25519", false, ["sign"]);

/** What the registry answers: each list of the golden bundle with the record's bit set for `set`, signed anew at `at`. */
async function answers({ set = [], at = "2026-10-10T05:00:00Z", seed = 42, swap = false, cut = false } = {}) {
  const [signer, index, asked] = [await keyOf(seed), Number(bundle.record.credentialStatus[0].statusListIndex), []];
  const get = async (path) => {
    asked.push(path);
    const purpose = path.split("/")[2];
    const { proof, ...document } = structuredClone(bundle.lists.find(({ credential }) => credential.id.endsWith(swap ? "/suspension/1" : path)).credential);
    const bits = Buffer.alloc(16384);
    if (set.includes(purpose)) bits[index >> 3] |= 0x80 >> (index & 7);
    Object.assign(document, { validFrom: at });
    document.credentialSubject.encodedList = `u${gzipSync(cut ? bits.subarray(1) : bits).toString("base64url")}`;
    const { proofValue: _, ...options } = { ...proof, created: at };
    const message = Buffer.concat([await sha(verifier.canonical(options)), await sha(verifier.canonical(document))]);
    const proofValue = base58(new Uint8Array(await crypto.subtle.sign("Ed25519", signer, message)));
    return utf8(verifier.canonical({ ...document, proof: { ...options, proofValue } }));
  };
  return { get, asked };
}
const file = utf8(golden("bundle.json"));
const of = async (change, bytes = file, now = NOW) => standing(bytes, trust, (await answers(change)).get, now);
const at = seconds("2026-10-10T05:00:00Z");

// What the lists say, and only whole lists are asked for.
const good = await answers();
assert.deepEqual(await standing(file, trust, good.get, NOW), { reason: "clear", at });
assert.deepEqual(good.asked.sort(), ["/status/refresh/1", "/status/revocation/1", "/status/suspension/1"]);
for (const [purpose, reason] of [["revocation", "revoked"], ["suspension", "suspended"], ["refresh", "replaced"]]) {
  assert.deepEqual(await of({ set: [purpose] }), { reason, at }, purpose);
}
assert.equal((await of({ set: ["refresh", "revocation"] })).reason, "revoked");

// Nothing is concluded from lists of a stranger's key, of another purpose, cut short, too old, older than the file's, or none.
await assert.rejects(of({ seed: 43 }), /not signed by the issuer/);
await assert.rejects(of({ swap: true }));
await assert.rejects(of({ cut: true }));
await assert.rejects(of({}, file, at + 25 * 3600), /too old/);
await assert.rejects(of({ at: "2026-10-01T00:00:00Z" }, file, seconds("2026-10-01T01:00:00Z")), /older lists/);
await assert.rejects(standing(file, trust, async () => { throw new Error("no network"); }, NOW), /no network/);
await assert.rejects(standing(file, trust, async () => utf8("<html>"), NOW));

// What has no status of its own asks for nothing.
for (const other of [JSON.stringify(bundle.record), golden("statement.json")]) {
  const { get, asked } = await answers();
  assert.equal(await standing(utf8(other), trust, get, NOW), null);
  assert.deepEqual(asked, []);
}
const elsewhere = { ...trust, issuer: { ...trust.issuer, host: "other.example" } };
assert.equal(await standing(file, elsewhere, async () => assert.fail("asked"), NOW), null);
console.log("verify-current.js: as expected");
