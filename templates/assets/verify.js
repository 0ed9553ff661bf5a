// Verifies a bundle in the browser: the same axes, states and reason codes as the offline program. Nothing is
// fetched or sent; what a file does not prove is "undecided". Depends on WebCrypto (SHA-256, Ed25519) and
// DecompressionStream only. This code comes from the registry: who will not trust it uses the offline program.
const AXES = ["syntax", "signature", "issuer-key", "logged", "time", "witnessed", "validity", "status", "freshness", "backdating"];
/** Seconds: age of lists; how long before its logged time a record may be signed or decided; widest logged time. */
const DEFAULTS = { maxAge: 86400, created: 86400, decided: 90 * 86400, window: 86400 };
const MAX_BUNDLE = 4 << 20, MAX_DEPTH = 24, MAX_PATH = 128, LIST_BITS = 131072;
/** The input is not one of our files at all: there is no verdict on it. */
export class Unusable extends Error {}
/** A part is not of the form that it must have. */
class Refusal extends Error {}
/** A check ended with this finding. */
class Found extends Error {
  constructor(state, reason, detail = null) { super(reason); this.finding = { state, reason, detail }; }
}
/** A member of the wrong kind shows as a TypeError where it is first used. */
const isRefusal = (error) => error instanceof Refusal || error instanceof TypeError;
const refuse = (message) => { throw new Refusal(message); };
const finding = (state, reason, detail = null) => ({ state, reason, detail });
const [fails, undecided] = ["fails", "undecided"].map((state) => (reason, detail) => new Found(state, reason, detail));
/** Runs `work`; a refusal becomes a failing finding with `reason`, a finding keeps its state and gets that reason. */
async function under(reason, work) {
  try { return await work(); } catch (error) {
    if (error instanceof Found) throw error.message === "log-unknown" ? error : new Found(error.finding.state, reason, error.finding.reason);
    throw isRefusal(error) ? fails(reason, error.message) : error;
  }
}
// ---- bytes -------------------------------------------------------------------------------------------
const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((byte, n) => byte === b[n]);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
/** Standard base64, canonical only; null otherwise. */
function base64(string) {
  if (typeof string !== "string" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(string)) return null;
  const binary = atob(string); return btoa(binary) === string ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : null;
}
/** base64url without padding; null otherwise. */
const base64url = (string) => (/^[A-Za-z0-9_-]*$/.test(string) ? base64(string.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (string.length % 4)) % 4)) : null);
/** "z" and base58btc of exactly `length` bytes; null otherwise. */
function base58(string, length) {
  if (typeof string !== "string" || string[0] !== "z" || string.length > 2 * length) return null;
  let [value, zeros] = [0n, 0];
  for (const c of string.slice(1)) {
    const digit = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".indexOf(c);
    if (digit < 0) return null;
    value = value * 58n + BigInt(digit);
    zeros += value === 0n ? 1 : 0;
  }
  const digits = value === 0n ? "" : value.toString(16);
  const pairs = ((digits.length % 2 ? "0" : "") + digits).match(/../g) ?? [];
  return zeros + pairs.length === length ? joined(new Uint8Array(zeros), pairs.map((pair) => parseInt(pair, 16))) : null;
}
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
// ---- Ed25519, strict ---------------------------------------------------------------------------------
/** y coordinates (sign bit cleared) of the points of small order, second encodings included. */
const SMALL_ORDER = new Set([
  "00".repeat(32), "01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f", "ed" + "ff".repeat(30) + "7f", "ee" + "ff".repeat(30) + "7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);
const isWeak = (point) => SMALL_ORDER.has(hex([...point.slice(0, 31), point[31] & 0x7f]));
export async function signed(key, message, signature) {
  if (signature.length !== 64 || isWeak(key) || isWeak(signature.slice(0, 32))) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch { return false; }
}
// ---- JSON: strict in, canonical out (RFC 8785) -------------------------------------------------------
/** Parses strictly: no duplicate keys, floats, -0, integers of 2^53, lone surrogates, depth, trailing text. */
export function parse(source, depth = MAX_DEPTH) {
  let at = 0;
  const [no, space] = [(what) => refuse(`${what} (character ${at})`), () => { while (" \t\n\r".includes(source[at] || "x")) at += 1; }];
  const next = (c) => { space(); return source[at] === c ? (at += 1, true) : false; };
  const expect = (c) => next(c) || no(`"${c}" expected`);
  function string() {
    expect('"'); const start = at - 1;
    for (; source[at] !== '"'; at += source[at] === "\\" ? 2 : 1) if (at >= source.length) no("string not closed");
    at += 1;
    let value; try { value = JSON.parse(source.slice(start, at)); } catch { no("malformed string"); }
    return value.isWellFormed() ? value : no("half of a surrogate pair");
  }
  function number() {
    const digits = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(source.slice(at, at + 400))?.[0] ?? no("not JSON");
    if (/[.eE]/.test(digits) || digits === "-0") no("numbers must be plain integers");
    at += digits.length; return Number.isSafeInteger(Number(digits)) ? Number(digits) : no("integer out of range");
  }
  function sequence(close, item) {
    if (next(close)) return;
    do item(); while (next(",") || !expect(close));
  }
  function value(left) {
    space(); if (source[at] === '"') return string();
    const word = ["true", "false", "null"].find((word) => source.startsWith(word, at));
    if (word) { at += word.length; return JSON.parse(word); }
    if (source[at] !== "{" && source[at] !== "[") return number();
    if (left === 0) no("nested too deep");
    const [items, object] = [[], Object.create(null)];
    if (next("[")) { sequence("]", () => items.push(value(left - 1))); return items; }
    expect("{");
    sequence("}", () => { const key = string();
      if (key in object) no(`the key "${key}" occurs twice`);
      expect(":"); object[key] = value(left - 1);
    });
    return object;
  }
  const [whole] = [value(depth), space()];
  return at === source.length ? whole : no("characters after the value");
}
/** The canonical text of a strictly parsed value. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  // The default order of strings is that of their UTF-16 units, which is what the RFC asks for.
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
/** An object with exactly these members. */
function members(value, name, required, optional = []) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) refuse(`"${name}" is not an object`);
  for (const key of required) if (!(key in value)) refuse(`"${key}" is missing`);
  for (const key in value) if (!required.includes(key) && !optional.includes(key)) refuse(`"${key}" does not belong in "${name}"`);
  return value;
}
const string = (value, name) => (typeof value === "string" ? value : refuse(`"${name}" is not a string`));
const number = (value, name) => (Number.isSafeInteger(value) && value >= 0 ? value : refuse(`"${name}" is not a whole number`));
const array = (value, name, most) => (Array.isArray(value) && value.length <= most ? value : refuse(`"${name}" is not an array of acceptable length`));
const equal = (value, wanted, name) => (canonical(value) === canonical(wanted) ? value : refuse(`"${name}" is not what a record of this registry says`));
const matches = (value, pattern, name) => (typeof value === "string" && pattern.test(value) ? value : refuse(`"${name}" has the wrong shape`));
const fits = (value, pattern, name) => (matches(value, pattern, name).normalize("NFC") === value ? value : refuse(`"${name}" is not in NFC`));
/** A SHA-256 multihash in base64url; the digest in hex. */
const digestOf = (value) => /^1220([0-9a-f]{64})$/.exec(value?.[0] === "u" ? hex(base64url(value.slice(1)) ?? []) : "")?.[1] ?? refuse("not the multihash of a SHA-256 digest");
const hash = (value) => (base64(value)?.length === 32 ? base64(value) : refuse("not the base64 of a hash"));
const bytesOf = (value, most) => { const bytes = base64(value); return bytes && bytes.length <= most ? bytes : refuse("not base64 of acceptable length"); };
const path = (value, name) => array(value, name, MAX_PATH).map(hash);
/** YYYY-MM-DDTHH:MM:SSZ as seconds since 1970. */
function time(value, name) {
  const parsed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) / 1000 : NaN;
  return Number.isInteger(parsed) && new Date(parsed * 1000).toISOString() === value.replace("Z", ".000Z") ? parsed : refuse(`"${name}" is not a time`);
}
const date = (value, name) => time(`${string(value, name)}T00:00:00Z`, name);
// ---- the log: notes, checkpoints, policy, proofs -----------------------------------------------------
const KEY_NAME = /^[^\s+]+$/u;
/** name+id+base64(type, key), of a type that is wanted. */
async function verifierKey(line, wanted) {
  const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(line) ?? refuse("a verifier key reads NAME+ID+BASE64");
  const bytes = base64(encoded) ?? refuse("a key is not base64");
  if (!KEY_NAME.test(name) || bytes.length !== 33 || bytes[0] !== wanted || isWeak(bytes.slice(1))) refuse("a key that cannot be used");
  const own = (await sha256(joined(utf8(`${name}\n`), bytes))).slice(0, 4);
  return hex(own) === id ? { name, id, type: wanted, key: bytes.slice(1) } : refuse("the key id does not match");
}
function note(source) {
  if (/[\x00-\x09\x0b-\x1f]/.test(source)) refuse("a note has no control characters");
  const at = source.lastIndexOf("\n\n");
  if (at < 0 || !source.endsWith("\n") || source.length === at + 2) refuse("a note has a text, an empty line and signatures");
  const lines = source.slice(at + 2, -1).split("\n").map((line) => {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? refuse("malformed signature line");
    const bytes = base64(encoded);
    if (!KEY_NAME.test(name) || !bytes || bytes.length < 5) refuse("malformed signature line");
    return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  return lines.length <= 64 ? { text: source.slice(0, at + 1), lines } : refuse("too many signatures");
}
/** Which known keys have signed; a line of a known key that does not verify rejects the note. */
async function signers({ text: body, lines }, known) {
  const found = []; for (const line of lines) {
    for (const key of known.filter((key) => key.id === line.id && key.name === line.name)) {
      let [message, signature, at] = [body, line.signature, null];
      if (key.type === 4) {
        at = Number(new DataView(joined(signature, new Uint8Array(8)).buffer).getBigUint64(0));
        [message, signature] = [`cosignature/v1\ntime ${at}\n${body}`, signature.slice(8)];
      }
      if (!Number.isSafeInteger(at ?? 0) || !await signed(key.key, utf8(message), signature)) refuse(`the signature of ${line.name} does not verify`);
      found.push({ key, at });
    }
  }
  return found;
}
/** A tlog-policy: logs, witnesses, groups, quorum. */
async function readPolicy(source) {
  const policy = { logs: [], ends: new Map(), rules: new Map(), quorum: undefined };
  const rule = (name) => policy.rules.get(name) ?? refuse(`policy: ${name} is not defined above`);
  for (const line of source.split("\n")) {
    const [word, ...items] = line.split(/[ \t]+/).filter(Boolean);
    if (!word || word.startsWith("#")) continue;
    if (["witness", "group"].includes(word) && (items[0] === "none" || policy.rules.has(items[0]))) refuse("policy: the name is taken");
    if (word === "log" && items.length <= 2) policy.logs.push(await verifierKey(items[0] ?? "", 1));
    else if (word === "witness" && items.length >= 2 && items.length <= 3) policy.rules.set(items[0], { key: await verifierKey(items[1], 4) });
    else if (word === "group" && items.length > 2) {
      const [name, k, ...names] = items;
      const threshold = k === "any" ? 1 : k === "all" ? names.length : /^[1-9]\d*$/.test(k) ? Number(k) : Infinity;
      if (threshold > names.length || new Set(names).size < names.length) refuse("policy: the threshold is too high");
      policy.rules.set(name, { threshold, members: names.map(rule) });
    } else if (word === "quorum" && items.length === 1 && policy.quorum === undefined) policy.quorum = items[0] === "none" ? null : rule(items[0]);
    else refuse("policy: a line that is not understood");
  }
  if (policy.quorum === undefined || policy.logs.length === 0) refuse("policy: it needs a log and one quorum line");
  policy.witnesses = [...policy.rules.values()].flatMap((rule) => rule.key ?? []);
  return policy;
}
const reached = (rule, keys) => (rule.key ? keys.includes(rule.key) : rule.members.filter((member) => reached(member, keys)).length >= rule.threshold);
const counts = (rule, key) => (rule.key ? rule.key === key : rule.members.some((member) => counts(member, key)));
const nodeHash = (left, right) => sha256(joined([1], left, right));
/** Climbs from `node` to the root, calling `step(hash, isLeft)` (RFC 9162, 2.1.3.2). Sizes may pass 2^32: no bit operators. */
async function climb(node, last, proof, step) {
  const up = () => { [node, last] = [node, last].map((n) => Math.floor(n / 2)); };
  for (const other of proof) {
    if (last === 0) refuse("the path is too long");
    const isLeft = node % 2 === 1 || node === last;
    await step(other, isLeft); while (isLeft && node % 2 === 0 && node !== 0) up();
    up();
  }
  if (last !== 0) refuse("the path is too short");
}
async function inclusionRoot(entry, index, size, proof) {
  if (index >= size) refuse("the index is not below the size");
  let out = await sha256(joined([0], entry)); await climb(index, size - 1, proof, async (other, isLeft) => { out = await (isLeft ? nodeHash(other, out) : nodeHash(out, other)); });
  return out;
}
/** Checks that the newer tree extends the older one (RFC 9162, 2.1.4.2). */
async function checkGrowth(older, newer, proof) {
  const must = (holds) => holds || refuse("the path leads to other roots");
  if (older.size > newer.size) refuse("the tree shrank");
  if (older.size === newer.size || older.size === 0) return must(proof.length === 0 && same(older.root, older.size ? newer.root : await sha256(new Uint8Array(0))));
  let [node, last] = [older.size - 1, newer.size - 1];
  for (; node % 2 === 1; node = (node - 1) / 2) last = Math.floor(last / 2);
  const [start, ...rest] = node === 0 ? [older.root, ...proof] : proof;
  let [a, b] = [start ?? refuse("the path is too short"), start];
  await climb(node, last, rest, async (other, isLeft) => {
    if (isLeft) a = await nodeHash(other, a);
    b = await (isLeft ? nodeHash(other, b) : nodeHash(b, other));
  });
  return must(same(a, older.root) && same(b, newer.root));
}
async function openHead(source, policy) {
  const opened = note(source);
  const [origin, size, root, ...rest] = opened.text.split("\n");
  if (!origin || !/^(?:0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)) || rest.length !== 1) refuse("a checkpoint has three lines");
  if (!(await signers(opened, policy.logs)).some(({ key }) => key.name === origin)) throw fails("log-unknown", origin);
  const witnesses = await signers(opened, policy.witnesses);
  const quorum = !policy.quorum || reached(policy.quorum, witnesses.map(({ key }) => key));
  const times = policy.quorum && quorum ? witnesses.filter(({ key }) => counts(policy.quorum, key)).map(({ at }) => at) : [];
  return { origin, size: Number(size), root: hash(root), quorum, times: times.length ? [Math.min(...times), Math.max(...times)] : null };
}
/** Of a log that ended a head counts up to where the roots froze it; of one that a newer log left behind, not at all. */
function checkEnd({ origin, size, root }, { logs, ends }) {
  const [end, nth] = [ends.get(origin), (name) => Number(/\d*$/.exec(name)[0] || 1)];
  if (!end && logs.some(({ name }) => nth(name) > nth(origin))) throw fails("log-unknown", origin);
  if (end && (size > end.size || (size === end.size && !same(root, end.root)))) throw fails("log-frozen", { index: end.size });
}
/** The heads, each proved to extend the one before: of one log, or of those that followed it. `ends` is by origin. */
async function openChain(checkpoints, policy) {
  const [heads, follows] = [[], (old, origin) => old === origin || (policy.ends.has(old) && follows(policy.ends.get(old).next, origin))];
  for (const { source, proof } of checkpoints) {
    const head = await under("checkpoint-invalid", () => openHead(source, policy));
    const older = heads.at(-1) ?? head;
    checkEnd(head, policy);
    await under("checkpoints-inconsistent", () => (follows(older.origin, head.origin) ? checkGrowth(older, head, proof) : refuse("another origin")));
    heads.push(head);
  }
  const [current, demanded, end] = [heads.at(-1), policy.quorum !== null, policy.ends.get(heads.at(-1).origin)];
  // Witnesses saw the frozen head too, and never two histories; without them a thief makes any smaller head.
  if (end && current.size < end.size && !(demanded && current.quorum)) throw undecided("frozen-unproved", { index: end.size });
  return { heads, current, demanded };
}
/** Whether a body of that digest and kind stands in the current tree where it is said to. */
async function checkPlace({ current }, { entry, index, inclusion }, body, kind) {
  const [, digest, ofKind] = /^\{"alg":"sha-256","audience":"(?:public|partners)","digest":"([0-9a-f]{64})","kind":"([a-z-]+)"\}$/.exec(String.fromCharCode(...entry)) ?? [];
  if (!digest) throw fails("entry-malformed");
  if (digest !== hex(await sha256(body))) throw fails("entry-digest");
  if (ofKind !== kind) throw fails("entry-kind");
  const found = await under("inclusion-invalid", () => inclusionRoot(entry, index, current.size, inclusion));
  if (!same(found, current.root)) throw fails("inclusion-invalid", "the path leads to another root");
}
// ---- records -----------------------------------------------------------------------------------------
const KINDS = { IntegrityGrade: "record", WageBlacklistEntry: "record", RuleSetPublication: "rule-set", RecordWithdrawal: "record", BitstringStatusListCredential: "status-list" };
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const hostOf = (did, name) => matches(string(did, name).startsWith("did:web:") ? did.slice(8) : "", HOST, name);
const UUID = /^urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;
const DECIMAL = /^(?:0|[1-9]\d{0,9})$/;
const PURPOSES = ["revocation", "suspension", "refresh"];
const DECIDED = ["id", "type", "name", "division", "documentNumber", "decidedOn", "decidedBy", "ruleSet", "basis"];
/** Text for the public: 1 to 200 characters, none of them a control or an invisible one. */
const TEXT = /^(?!.*[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]).{1,200}$/su;
const [DIVISION, NAME] = [/^\d{6}$/, /^(?!\.)[\w.-]{1,64}$/];
const SHAPES = { name: TEXT, documentNumber: TEXT, division: DIVISION, grade: /^[A-Z+]{1,8}$/, unifiedCode: /^[0-9A-Z]{18}$/, registrationNumber: /^\d{13,15}$/, amount: /^(?:0|[1-9]\d{0,14})\.\d\d$/ };
const SUBJECTS = {
  IntegrityGrade: [[...DECIDED, "gradeYear", "grade"], ["unifiedCode", "registrationNumber"]],
  WageBlacklistEntry: [[...DECIDED, "listedOn", "expiresOn", "workers", "amount", "payOrder", "responsiblePersons"], ["unifiedCode", "registrationNumber", "earliestRemovalOn"]],
  RuleSetPublication: [["id", "type", "ruleSet", "effectiveFrom", "content"], ["effectiveUntil"]],
  RecordWithdrawal: [["withdraws"], []], BitstringStatusListCredential: [["id", "type", "statusPurpose", "encodedList"], []],
};
/** Checks the reference to a rule set; its digest in hex. */
function readRuleSet(value) {
  const { id, version, digestMultibase } = members(value, "ruleSet", ["id", "version", "digestMultibase"]);
  for (const part of [id, version]) matches(part, NAME, "ruleSet");
  return digestOf(digestMultibase);
}
/** Reads a credential of ours: exactly the shape that this registry writes, of one of these kinds. */
function readCredential(value, kinds = KINDS, subjects = SUBJECTS) {
  const required = ["@context", "credentialSubject", "id", "issuer", "proof", "type", "validFrom"];
  const type = value.type?.[1];
  equal(value.type, ["VerifiableCredential", Object.hasOwn(kinds, type) ? type : "…"], "type");
  const isWithdrawal = type === "RecordWithdrawal", hasStatus = !isWithdrawal && ["record", "rule-set"].includes(kinds[type]);
  members(value, "record", hasStatus ? [...required, "credentialStatus", "refreshService"] : required, hasStatus ? ["supersedes", "validUntil"] : isWithdrawal ? [] : ["validUntil"]);
  const host = hostOf(value.issuer, "issuer");
  equal(value["@context"], ["https://www.w3.org/ns/credentials/v2", `https://${host}/ns/labour-credit/v1`], "@context");
  let pointer = null;
  if (hasStatus) {
    const uuid = UUID.exec(string(value.id, "id"))?.[1] ?? refuse('"id" is not a random UUID');
    equal(value.refreshService, { id: `https://${host}/records/${uuid}/latest`, type: "LabourCreditRefresh" }, "refreshService");
    const [first] = array(value.credentialStatus, "credentialStatus", 3);
    const [list, index] = [first?.statusListCredential?.split?.("/").at(-1), first?.statusListIndex].map((digits) => matches(digits, DECIMAL, "credentialStatus"));
    equal(value.credentialStatus, PURPOSES.map((purpose) => ({
      type: "BitstringStatusListEntry", statusPurpose: purpose, statusListIndex: index, statusListCredential: `https://${host}/status/${purpose}/${list}`,
    })), "credentialStatus");
    pointer = { list: Number(list), index: Number(index) };
    if (pointer.list === 0 || pointer.index >= LIST_BITS) refuse('"credentialStatus" is out of range');
    if ("supersedes" in value) {
      fits(members(value.supersedes, "supersedes", ["digestMultibase", "reason"]).reason, TEXT, "reason");
      digestOf(value.supersedes.digestMultibase);
    }
  }
  const subject = members(value.credentialSubject, "credentialSubject", ...subjects[type]);
  if (isWithdrawal) digestOf(members(subject.withdraws, "withdraws", ["digestMultibase"]).digestMultibase, matches(value.id, UUID, "id"));
  const decidedOn = "decidedOn" in subject ? date(subject.decidedOn, "decidedOn") : null;
  if (decidedOn !== null) {
    if (("unifiedCode" in subject) === ("registrationNumber" in subject)) refuse('"unifiedCode" is missing');
    equal([subject.id, subject.type], [`https://${host}/employers/${subject.unifiedCode ?? `${subject.division}-${subject.registrationNumber}`}`, "Employer"], "id");
    for (const name in subject) {
      if (name in SHAPES) fits(subject[name], SHAPES[name], name);
      if (name.endsWith("On")) date(subject[name], name);
    }
    const { decidedBy, ruleSet, basis, gradeYear, workers, payOrder, responsiblePersons } = subject;
    fits(members(decidedBy, "decidedBy", ["name", "division"]).name, TEXT, "decidedBy");
    matches(decidedBy.division, DIVISION, "decidedBy");
    readRuleSet(ruleSet);
    for (const part of array(basis, "basis", 1000)) matches(part, NAME, "basis");
    if (basis.length === 0) refuse('"basis" must name a rule');
    if (type === "IntegrityGrade") matches(String(number(gradeYear, "gradeYear")), /^[1-9]\d{3}$/, "gradeYear");
    if (type === "WageBlacklistEntry") {
      if (number(workers, "workers") > 0xffffffff) refuse('"workers" is too large');
      fits(members(payOrder, "payOrder", ["number", "deadline"]).number, TEXT, "payOrder");
      date(payOrder.deadline, "deadline");
      for (const person of array(responsiblePersons, "responsiblePersons", 1000)) if (/\p{N}/u.test(fits(person, TEXT, "responsiblePersons"))) refuse("a name holds a number");
    }
  }
  const [from, until] = [time(value.validFrom, "validFrom"), "validUntil" in value ? time(value.validUntil, "validUntil") : null];
  if (until !== null && until <= from) refuse('"validUntil" is not after "validFrom"');
  const proof = members(value.proof, "proof", ["@context", "created", "cryptosuite", "proofPurpose", "proofValue", "type", "verificationMethod"]);
  if (proof.type !== "DataIntegrityProof" || proof.cryptosuite !== "eddsa-jcs-2022") throw fails("suite-unknown", "another type or cryptosuite");
  equal([proof.type, proof.cryptosuite, proof.proofPurpose, proof["@context"]], ["DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod", value["@context"]], "proof");
  if (!proof.verificationMethod.startsWith?.(`did:web:${host}#`) || !/#[\w.-]+$/.test(proof.verificationMethod)) refuse('"verificationMethod" is of another registry');
  const signature = base58(proof.proofValue, 64) ?? refuse('"proofValue" is not base58 of 64 bytes');
  return { value, type, kind: kinds[type], host, from, until, pointer, subject, decidedOn, signature, method: proof.verificationMethod, created: time(proof.created, "created"), bytes: utf8(canonical(value)) };
}
/** eddsa-jcs-2022: hash of the proof without its value, then hash of the document without its proof. */
async function proofHolds({ value, signature }, key) {
  const { proof: { proofValue: _, ...options }, ...document } = value;
  return signed(key, joined(...await Promise.all([options, document].map((part) => sha256(utf8(canonical(part)))))), signature);
}
// ---- keys and lists ----------------------------------------------------------------------------------
function readKeyDocument(source, wanted) {
  const value = parse(source, 8);
  if (canonical(value) !== source) refuse("not canonical");
  members(value, "key document", ["@context", "id", "updated", "verificationMethod", "assertionMethod"], ["nextUpdate"]);
  const host = hostOf(equal(value.id, `did:web:${wanted}`, "id"), "id");
  equal(value["@context"], ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", `https://${host}/ns/labour-credit/v1`], "@context");
  const methods = array(value.verificationMethod, "verificationMethod", 1024).map((method) => {
    members(method, "verificationMethod", ["id", "type", "controller", "publicKeyMultibase"], ["expires", "revoked"]);
    equal([method.type, method.controller], ["Multikey", value.id], "controller");
    if (!string(method.id, "id").startsWith(`${value.id}#`)) refuse('"id" is of another controller');
    const bytes = base58(method.publicKeyMultibase, 34) ?? refuse("not an Ed25519 Multikey");
    if (bytes[0] !== 0xed || bytes[1] !== 1 || isWeak(bytes.slice(2))) refuse("not an Ed25519 Multikey");
    const end = (name) => (name in method ? time(method[name], name) : Infinity);
    return { id: method.id, key: bytes.slice(2), expires: end("expires"), revoked: end("revoked") };
  });
  if (methods.length === 0 || new Set(methods.map(({ id }) => id)).size < methods.length || new Set(methods.map(({ key }) => hex(key))).size < methods.length) refuse("a method is listed twice");
  equal(value.assertionMethod, methods.map(({ id }) => id), "assertionMethod");
  // The roots may promise a newer version in 1 to 35 days; without a promise it grows old as lists do.
  const [updated, next] = [time(value.updated, "updated"), "nextUpdate" in value ? time(value.nextUpdate, "nextUpdate") : null];
  if (next !== null && (next - updated < 86400 || next - updated > 35 * 86400)) refuse('"nextUpdate" is too near or too far');
  return { updated, next, methods };
}
/** Key documents that enough roots have signed and the log contains. */
async function openRing(items, chain, issuer) {
  const files = [];
  for (const item of items) {
    const opened = await under("key-document-malformed", () => note(item.note));
    const roots = await signers(opened, issuer.roots).catch((error) => { if (isRefusal(error)) return []; throw error; });
    if (new Set(roots.map(({ key }) => key)).size < issuer.threshold) throw fails("roots-too-few");
    const document = await under("key-document-malformed", () => readKeyDocument(opened.text.slice(0, -1), issuer.host));
    await under("key-document-not-logged", () => checkPlace(chain, item, utf8(item.note), "keys"));
    files.push({ index: item.index, document });
  }
  if (files.length === 0) throw undecided("not-supplied");
  const newest = files.reduce((a, b) => (b.index >= a.index ? b : a)).document;
  return {
    newest,
    find(id) {
      const of = (document) => document.methods.find((method) => method.id === id);
      const first = files.filter(({ document }) => of(document)).sort((a, b) => a.index - b.index)[0];
      // Rotation keeps old methods listed: what the newest document leaves out was never the issuer's.
      const [listed, now] = [first && of(first.document), of(newest)];
      if (!listed || !now || !same(listed.key, now.key)) throw fails("key-not-listed", id);
      return { key: now.key, index: first.index, expires: Math.min(listed.expires, now.expires), revoked: Math.min(listed.revoked, now.revoked) };
    },
  };
}
/** Whether a key was valid when something was logged: at the latest possible time, or without witnesses when it is claimed. */
function keyFinding(key, bounds, created) {
  if (bounds === "unknown" && Math.min(key.expires, key.revoked) < Infinity) return finding("undecided", "key-time-unknown");
  const at = Array.isArray(bounds) ? bounds[1] : created;
  return key.revoked <= at ? finding("fails", "key-revoked", { at: key.revoked }) : key.expires <= at ? finding("fails", "key-expired", { at: key.expires }) : finding("holds", "key-valid");
}
async function inflate(encoded) {
  // 44,000 digits are 33 KB: at most 34 MB inflated, so a small text cannot fill the memory.
  const bytes = encoded[0] === "u" && encoded.length <= 44000 ? base64url(encoded.slice(1)) : null;
  if (!bytes) refuse('"encodedList" is not base64url');
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const out = new Uint8Array(await new Response(stream).arrayBuffer().catch(() => refuse('"encodedList" is not one gzip stream')));
  return out.length === LIST_BITS / 8 ? out : refuse("the list has another length");
}
/** What of a credential's shape takes inflating or hashing: a list's bits, a rule set's digest. */
async function readContent({ type, value, host, subject }) {
  if (type === "RuleSetPublication") {
    const digest = readRuleSet(subject.ruleSet);
    equal([subject.id, subject.type], [`https://${host}/rules/${subject.ruleSet.id}/${subject.ruleSet.version}`, "RuleSet"], "credentialSubject");
    for (const name of ["effectiveFrom", "effectiveUntil"]) if (name in subject) date(subject[name], name);
    if (digest !== hex(await sha256(utf8(canonical(subject.content))))) refuse('"content" has another digest');
  }
  if (type !== "BitstringStatusListCredential") return null;
  const [, purpose, list] = new RegExp(`^https://${host.replaceAll(".", "\\.")}/status/(revocation|suspension|refresh)/([1-9]\\d{0,9})$`).exec(value.id) ?? refuse('"id" is no list of this registry');
  equal([subject.id, subject.type, subject.statusPurpose], [`${value.id}#list`, "BitstringStatusList", purpose], "credentialSubject");
  return { purpose, list: Number(list), bits: await inflate(string(subject.encodedList, "encodedList")) };
}
async function openList(item, chain, ring, issuer) {
  const { credential, purpose, list, bits } = await under("list-malformed", async () => {
    const credential = readCredential(item.credential);
    if (credential.type !== "BitstringStatusListCredential" || credential.host !== issuer.host) refuse("no status list of this registry");
    return { credential, ...await readContent(credential) };
  });
  await under("list-not-logged", () => checkPlace(chain, item, credential.bytes, "status-list"));
  await under("list-signature", async () => {
    const key = ring.find(credential.method);
    const valid = keyFinding(key, chain.demanded ? chain.current.times ?? "unknown" : "not demanded", credential.created);
    if (valid.state !== "holds") throw new Found(valid.state, valid.reason, valid.detail);
    if (!await proofHolds(credential, key.key)) throw fails("signature-invalid");
  });
  return { purpose, list, from: credential.from, until: credential.until, bit: (index) => (bits[index >> 3] & (0x80 >> (index & 7))) !== 0 };
}
// ---- the verdict -------------------------------------------------------------------------------------
/** Reads a trust folder: `{policy: text, issuer: object, context: text of the JSON-LD context}`. */
export async function readTrust({ policy: lines, issuer, context }) {
  const [roots, policy] = [await Promise.all(issuer.roots.map((root) => verifierKey(root, 1))), await readPolicy(lines)];
  equal(issuer.did, `did:web:${issuer.host}`, "did");
  // Another registry's log could vouch for this issuer's records where nobody who watches this issuer looks.
  for (const { name } of policy.logs) if (name.replace(/\d*$/, "") !== `${issuer.host}/log`) refuse(`policy: ${name} is not a log of the issuer's host`);
  return {
    policy,
    contextKnown: digestOf(issuer.contextDigest) === hex(await sha256(utf8(context))),
    issuer: { host: issuer.host, roots, threshold: issuer.threshold, validUntil: time(issuer.validUntil, "validUntil") },
  };
}
const readPlace = (value) => ({ entry: bytesOf(value.entry, 1024), index: number(value.index, "index"), inclusion: path(value.inclusion, "inclusion") });
const readKey = (item) => ({ note: string(members(item, "keys", ["note", "entry", "index", "inclusion"]).note, "note"), ...readPlace(item) });
const readList = (item) => ({ credential: members(item, "lists", ["credential", "entry", "index", "inclusion"]).credential, ...readPlace(item) });
function readBundle(value) {
  members(value, "bundle", ["type", "version", "record", "entry", "index", "inclusion", "checkpoints", "keys", "lists"]);
  equal(value.version, 1, "version");
  const { before, after, current } = members(value.checkpoints, "checkpoints", ["before", "after", "current"]);
  for (const head of [before, after, current]) members(head, "checkpoint", head === current ? ["note"] : ["note", "consistency"]);
  // Each proof stands with the head that it starts from.
  const head = (of, proof) => ({ source: string(of.note, "note"), proof });
  return {
    record: value.record,
    place: readPlace(value),
    heads: [head(before, []), head(after, path(before.consistency, "consistency")), head(current, path(after.consistency, "consistency"))],
    keys: array(value.keys, "keys", 2).map(readKey),
    lists: array(value.lists, "lists", 3).map(readList),
  };
}
/** What `work` finds, as `{value}` or `{finding}`. */
async function tried(work) {
  try { return { value: await work() }; } catch (error) { if (error instanceof Found) return error; throw error; }
}
/** One strictly parsed object. */
export function opened(bytes) {
  try {
    if (bytes.length > MAX_BUNDLE) refuse("the file is too long");
    const source = text(bytes).replace(/\n$/, "");
    return source[0] === "{" && source.at(-1) === "}" ? parse(source) : refuse("not one JSON object");
  } catch (error) { throw new Unusable(error.message); }
}
/** Verifies the bytes of a bundle or of a bare record, as of `now` (seconds since 1970). */
export async function verify(bytes, trust, now = Math.floor(Date.now() / 1000), options = DEFAULTS) {
  const value = opened(bytes);
  const isBundle = value.type === "LabourCreditBundle";
  if (!isBundle && !(Array.isArray(value.type) && value.type.includes("VerifiableCredential"))) throw new Unusable("neither a bundle nor a record");
  const found = Object.fromEntries(AXES.map((axis) => [axis, finding("undecided", "not-checked")]));
  const verdict = { axes: found, warnings: [], id: null, record: null };
  let [bundle, credential] = [];
  try {
    [bundle, credential] = [isBundle ? readBundle(value) : null, readCredential(isBundle ? value.record : value)];
    await readContent(credential);
  } catch (error) {
    if (!isRefusal(error) && !(error instanceof Found)) throw error;
    found.syntax = error.finding ?? finding("fails", "malformed", error.message);
    return concluded(verdict);
  }
  Object.assign(verdict, { id: credential.value.id, record: credential.value });
  found.syntax = credential.host !== trust.issuer.host ? finding("fails", "foreign-issuer", credential.value.issuer)
    : trust.contextKnown ? finding("holds", "well-formed") : finding("undecided", "context-unknown");
  found.validity = now < credential.from ? finding("fails", "not-yet-valid", { at: credential.from })
    : credential.until !== null && now >= credential.until ? finding("fails", "expired", { at: credential.until })
    : finding("holds", "in-force", credential.until === null ? { at: credential.from } : { from: credential.from, until: credential.until });
  if (!credential.pointer) verdict.warnings.push(credential.type === "RecordWithdrawal" ? "withdrawal-itself" : "status-list-itself");
  if (!bundle) {
    for (const axis of AXES) if (axis !== "syntax" && axis !== "validity") found[axis] = finding("undecided", "not-supplied");
    return concluded(verdict);
  } else if (!credential.pointer) found.status = finding("not-required", "no-status");
  const chain = await tried(() => openChain(bundle.heads, trust.policy));
  if (chain.finding) Object.assign(found, { logged: chain.finding, signature: finding("undecided", "no-trusted-key") });
  else await judge(verdict, credential, bundle, chain.value, trust, now, options);
  return concluded(verdict);
}
/** Everything that needs the log's heads; gives the key documents, if they could be opened. */
async function judge(verdict, credential, bundle, chain, trust, now, options) {
  const [found, [before, after], { index }] = [verdict.axes, chain.heads, bundle.place];
  const newest = Math.max(...chain.heads.map((head) => head.times?.[1] ?? -Infinity));
  if (newest > now) found.validity = finding("undecided", "clock-behind", { at: newest });
  const place = await tried(() => checkPlace(chain, bundle.place, credential.bytes, credential.kind));
  found.logged = place.finding ?? (before.size <= index && index < after.size ? finding("holds", "included", { index }) : finding("fails", "checkpoints-misplaced"));
  const bounds = !chain.demanded ? "not demanded" : before.times && after.times ? [before.times[0], after.times[1]] : "unknown";
  found.witnessed = !chain.demanded ? finding("not-required", "not-required-by-policy") : chain.heads.every(({ quorum }) => quorum) ? finding("holds", "quorum-reached") : finding("fails", "quorum-missing");
  Object.assign(found, timeFindings(bounds, credential, options));
  const ring = await tried(() => openRing(bundle.keys, chain, trust.issuer));
  const key = ring.finding ? ring : await tried(() => ring.value.find(credential.method));
  if (key.finding) Object.assign(found, { "issuer-key": key.finding, signature: finding("undecided", "no-trusted-key") });
  else {
    found.signature = await proofHolds(credential, key.value.key) ? finding("holds", "signature-valid") : finding("fails", "signature-invalid");
    const [valid, { validUntil }] = [keyFinding(key.value, bounds, credential.created), trust.issuer];
    // A key that signs first and is authorised afterwards was not authorised.
    found["issuer-key"] = valid.state !== "holds" ? valid : key.value.index >= index ? finding("undecided", "key-listed-later")
      : validUntil <= now ? finding("undecided", "trust-expired", { at: validUntil }) : valid;
    if (bounds === "not demanded") verdict.warnings.push("key-time-claimed");
  }
  // A withdrawal is final, however old; a status list has no status of its own, but is as young as it says.
  if (credential.type === "RecordWithdrawal") found.freshness = finding("not-required", "no-status");
  else if (!credential.pointer && !ring.finding) found.freshness = freshness([credential], ring.value.newest, chain, now, options);
  else if (!ring.finding) {
    const lists = await tried(() => pickLists(bundle.lists, credential.pointer, chain, ring.value, trust.issuer));
    found.status = lists.finding ?? statusFinding(lists.value, credential.pointer.index);
    if (lists.value) found.freshness = freshness(lists.value, ring.value.newest, chain, now, options);
    // What is final stays; whatever else an old list says may have changed since.
    if (found.freshness.reason === "list-stale" && ["clear", "suspended"].includes(found.status.reason)) found.status = found.freshness;
  }
  return ring.value;
}
async function pickLists(items, { list }, chain, ring, issuer) {
  const open = []; for (const item of items) open.push(await openList(item, chain, ring, issuer)); // the first that is wrong is told
  const pick = (purpose) => open.find((one) => one.purpose === purpose && one.list === list);
  return PURPOSES.map((purpose) => pick(purpose) ?? (() => { throw undecided("list-missing", `${purpose}/${list}`); })());
}
function statusFinding(lists, index) {
  const [reasons, set] = [{ revocation: "revoked", suspension: "suspended", refresh: "replaced" }, lists.find((list) => list.bit(index))];
  return set ? finding("fails", reasons[set.purpose], { at: set.from }) : finding("holds", "clear", { at: Math.min(...lists.map(({ from }) => from)) });
}
function freshness(lists, { updated, next }, chain, now, { maxAge }) {
  const [oldest, newest] = [Math.min(...lists.map(({ from }) => from)), Math.max(updated, ...lists.map(({ from }) => from))];
  if (newest > (chain.current.times?.[1] ?? Infinity)) return finding("fails", "dated-after-checkpoint", { at: newest });
  if (newest > now) return finding("undecided", "clock-behind", { at: newest });
  if (now - oldest > maxAge || lists.some(({ until }) => until !== null && until <= now)) return finding("undecided", "list-stale", { at: oldest });
  return (next ?? 0) <= now && now - updated > maxAge ? finding("undecided", "key-document-stale", { at: updated }) : finding("holds", "fresh", { at: Math.min(oldest, updated) });
}
/** The axes time and backdating. */
function timeFindings(bounds, { created, decidedOn }, options) {
  const both = (state, reason) => ({ time: finding(state, reason), backdating: finding(state, reason) });
  if (bounds === "not demanded") return both("not-required", "not-required-by-policy");
  if (bounds === "unknown") return both("undecided", "time-unknown");
  const [[from, until], of] = [bounds, (state, reason) => finding(state, reason, { from: bounds[0], until: bounds[1] })];
  // A date has the benefit of its whole day in Asia/Shanghai, which ends at 16:00 UTC.
  const decided = decidedOn === null ? Infinity : decidedOn + 16 * 3600;
  return {
    time: from > until ? of("fails", "time-contradictory") : until - from > options.window ? of("undecided", "time-too-wide") : of("holds", "time-proven"),
    backdating: created > until ? finding("fails", "created-after-logged", { at: created })
      : from - created > options.created ? finding("fails", "created-too-early", { at: created })
      : from - decided > options.decided ? finding("fails", "decided-too-early", { at: decided })
      : until - from > options.window ? of("undecided", "time-too-wide") : finding("holds", "not-backdated"),
  };
}
/** What it amounts to: the program's outcome and exit code. */
function concluded(verdict) {
  const states = Object.values(verdict.axes).map(({ state }) => state);
  const outcome = states.includes("fails") ? "rejected" : states.includes("undecided") ? "undecided" : "accepted";
  return Object.assign(verdict, { outcome, exitCode: { accepted: 0, rejected: 1, undecided: 3 }[outcome] });
}
export { // for verify-statement.js, which checks statements with the same parts
  AXES, DEFAULTS, PURPOSES, array, base64, bytesOf, concluded, digestOf, equal, fails, finding, hash, hex, inclusionRoot, isRefusal, judge, matches, members, note, number, openChain, openList, openRing,
  path, proofHolds, readCredential, readKey, readList, readPlace, refuse, same, sha256, signers, statusFinding, string, time, tried, undecided, utf8, verifierKey };
