// How a record stands now, beside what its file proves: the registry's newest status lists, fetched whole, so that
// the registry does not learn which record is looked at. They are checked with the key documents that came in the
// file. What they say is the registry's word of today: that a list is in the log is for the next bundle to prove.
const BITS = 131072;

/** By the parts of verify.js: `standing(bytes, trust, get, now)`. */
export function currentStatus(v) {
  /** The bits of a list's credential. */
  async function bitsOf(encoded) {
    if (encoded[0] !== "u" || encoded.length > 44000 || !/^[\w-]+$/.test(encoded)) v.refuse('"encodedList" is not base64url');
    const binary = atob(encoded.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    const packed = new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))]);
    const bits = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
    return bits.length === BITS / 8 ? bits : v.refuse("the list has another length");
  }

  /** One list as it was answered, if it is this one, signed by a key of the issuer that still counts. */
  async function readList(bytes, purpose, number, ring, issuer) {
    const list = v.readCredential(v.opened(bytes));
    v.equal([list.type, list.host, list.value.id], ["BitstringStatusListCredential", issuer.host, `https://${issuer.host}/status/${purpose}/${number}`], "list");
    v.equal([list.subject.id, list.subject.type, list.subject.statusPurpose], [`${list.value.id}#list`, "BitstringStatusList", purpose], "list");
    const key = ring.find(list.method);
    if (Math.min(key.revoked, key.expires) <= list.created || !await v.proofHolds(list, key.key)) v.refuse("the list is not signed by the issuer");
    const bits = await bitsOf(v.string(list.subject.encodedList, "encodedList"));
    return { purpose, from: list.from, until: list.until, bit: (index) => (bits[index >> 3] & (0x80 >> (index & 7))) !== 0 };
  }

  /** `{reason, at}`: `clear`, `revoked`, `suspended` or `replaced`, as of `at` (seconds since 1970). Null for what has no
   * status: a bare record, a statement, a record of another registry. `get` fetches the bytes of a path of the registry.
   * Throws where no list that is signed, young enough and not older than the file's own was to be had. */
  async function standing(bytes, trust, get, now, { maxAge } = v.DEFAULTS) {
    const file = v.opened(bytes);
    if (file.type !== "LabourCreditBundle") return null;
    const record = v.readCredential(file.record);
    if (!record.pointer || record.host !== trust.issuer.host) return null;
    const { before, after, current } = file.checkpoints;
    const heads = [[before, []], [after, before.consistency], [current, after.consistency]];
    const chain = await v.openChain(heads.map(([head, proof]) => ({ source: head.note, proof: proof.map((one) => v.hash(one)) })), trust.policy);
    const ring = await v.openRing(file.keys.map((key) => v.readKey(key)), chain, trust.issuer);
    const { list: number, index } = record.pointer;
    const lists = await Promise.all(v.PURPOSES.map(async (purpose) => readList(await get(`/status/${purpose}/${number}`), purpose, number, ring, trust.issuer)));
    const oldest = Math.min(...lists.map(({ from }) => from));
    const own = file.lists.map(({ credential }) => v.readCredential(credential).from);
    if (oldest < Math.min(...own)) v.refuse("the registry answered with older lists than the file holds");
    if (now - oldest > maxAge || lists.some(({ until }) => until !== null && until <= now)) v.refuse("the registry's lists are too old");
    const found = v.statusFinding(lists, index);
    return { reason: found.reason, at: found.detail.at };
  }
  return standing;
}
