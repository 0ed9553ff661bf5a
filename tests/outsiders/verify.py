"""Verifies a bundle, a bulk file or a statement without any code of this project: verify.py FILE TRUST_DIR [NOW].
Exit code 0, 1 (something fails) or 3 (nothing fails, but what is at hand is too old to say how things stand).

Checks proof, log entries, inclusion, consistency, checkpoint signatures, witnesses' cosignatures and quorum,
key documents (enough roots), status bits, times; as of NOW (seconds since 1970), or without it as of the
status lists. What refuses a bundle is told with the axis on which it fails; the first one ends the work.
"""
import base64, gzip, hashlib, json, pathlib, re, struct, sys
import datetime
import rfc8785
import succession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
DAY = 86400
AXIS = ["syntax"]  # what is being looked at
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()

def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())

class Undecided(Exception): pass

def need(condition, what):
    if not condition: raise ValueError(what)

class Foreign(ValueError):
    """A file of another registry or log: these are not the keys to judge it by."""

def unb64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "canonical base64")
    return data

def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "duplicate member")
    return dict(pairs)

def base58(text):
    need(text[0] == "z", "multibase")
    number = 0
    for char in text[1:]: number = number * 58 + B58.index(char)
    return bytes(len(text[1:]) - len(text[1:].lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8, "big")

def vkey(text, kind=1):
    name, key_id, rest = text.split("+", 2)
    key = unb64(rest)
    need(key[0] == kind and sha(name.encode(), b"\n", key)[:4].hex() == key_id, "verifier key")
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(key[1:])

def signers(note, keys):
    """The text of a note and how many of the keys have signed it; a bad signature of a known key raises."""
    text, lines = note.rsplit("\n\n", 1)
    found = set()
    for line in lines.splitlines():
        dash, name, blob = line.split(" ")
        for number, (known, key_id, key) in enumerate(keys):
            if dash == "\u2014" and name == known and unb64(blob)[:4] == key_id:
                key.verify(unb64(blob)[4:], (text + "\n").encode())
                found.add(number)
    return text + "\n", len(found)

def cosigners(note, keys):
    """The time at which each of the witnesses (name to key) says to have seen the head."""
    text, lines = note.rsplit("\n\n", 1)
    found = {}
    for line in lines.splitlines():
        _, name, blob = line.split(" ")
        for witness, (known, key_id, key) in keys.items():
            if name == known and unb64(blob)[:4] == key_id:
                at, = struct.unpack(">Q", unb64(blob)[4:12])
                key.verify(unb64(blob)[12:], f"cosignature/v1\ntime {at}\n{text}\n".encode())
                found[witness] = at
    return found

def policy(trust, host):
    """Logs, witnesses and quorum; every log must be the issuer's own, or another's watchers see nothing."""
    rows = [line.split() for line in (trust / "policy.txt").read_text().splitlines() if line.split() and not line.startswith("#")]
    logs = [vkey(row[1]) for row in rows if row[0] == "log"]
    need(logs and all(re.fullmatch(re.escape(host) + r"/log\d*", name) for name, _, _ in logs), "a log of the issuer's host")
    witnesses = {row[1]: vkey(row[2], 4) for row in rows if row[0] == "witness"}
    groups = {row[1]: (row[2], row[3:]) for row in rows if row[0] == "group"}
    quorum, = [row[1] for row in rows if row[0] == "quorum"]
    return succession.Logs(sys.modules[__name__], trust, logs, quorum != "none"), witnesses, groups, quorum

def reached(name, groups, signed):
    if name not in groups: return name in signed
    wanted, members = groups[name]
    count = sum(reached(member, groups, signed) for member in members)
    return count >= ({"any": 1, "all": len(members)}.get(wanted) or int(wanted))

def counted(name, groups):
    return {name} if name not in groups else set().union(*(counted(member, groups) for member in groups[name][1]))

def fold(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "index")
    last = size - 1
    for sibling in path:
        need(last, "path too long")
        if index & 1 or index == last:
            leaf = sha(b"\1", sibling, leaf)
            while not index & 1 and index: index >>= 1; last >>= 1
        else: leaf = sha(b"\1", leaf, sibling)
        index >>= 1; last >>= 1
    need(last == 0, "path too short")
    return leaf

def consistent(old, new, path):
    """RFC 9162 section 2.1.4.2."""
    (m, old_root), (n, new_root) = old[:2], new[:2]
    if m == 0 or m == n: return need(m <= n and not path and (old_root == (sha() if m == 0 else new_root)), "consistency")
    node, last = m - 1, n - 1
    while node & 1: node >>= 1; last >>= 1
    path = path if node else [old_root] + path
    left = right = path[0]
    for sibling in path[1:]:
        need(last, "path too long")
        if node & 1 or node == last:
            left, right = sha(b"\1", sibling, left), sha(b"\1", sibling, right)
            while not node & 1 and node: node >>= 1; last >>= 1
        else: right = sha(b"\1", right, sibling)
        node >>= 1; last >>= 1
    need(last == 0 and m < n and (left, right) == (old_root, new_root), "consistency")

def logged(item, body, kind, head):
    entry = unb64(item["entry"])
    fields = json.loads(entry)
    need(fields["audience"] in ("public", "partners") and entry == rfc8785.dumps({"alg": "sha-256",
        "audience": fields["audience"], "digest": sha(body).hex(), "kind": kind}), "entry of " + kind)
    path = [unb64(text) for text in item["inclusion"]]
    need(fold(sha(b"\0", entry), item["index"], head[0], path) == head[1], "inclusion of " + kind)

def proven(document, documents, did, when):
    """eddsa-jcs-2022 with a key that every key document lists and has not ended."""
    AXIS[0] = "issuer-key"
    bare = {name: value for name, value in document.items() if name != "proof"}
    proof = dict(document["proof"])
    signature = base58(proof.pop("proofValue"))
    need(document["issuer"] == did and proof["@context"] == document["@context"] and (proof["type"], proof["cryptosuite"],
        proof["proofPurpose"]) == ("DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"), "proof options")
    listing = [known for known in documents if proof["verificationMethod"] in known["assertionMethod"]]
    for known in documents[-1:] + listing:
        method, = [m for m in known["verificationMethod"] if m["id"] == proof["verificationMethod"]]
        need(method["id"] in known["assertionMethod"] and method["controller"] == did, "verification method")
        need(all(when < seconds(method[end]) for end in ("expires", "revoked") if end in method), "key ended")
        multikey = base58(method["publicKeyMultibase"])
        need(multikey[:2] == b"\xed\x01", "multikey")
        AXIS[0] = "signature"
        Ed25519PublicKey.from_public_bytes(multikey[2:]).verify(signature, sha(rfc8785.dumps(proof)) + sha(rfc8785.dumps(bare)))

def key_documents(items, issuer, roots, did, current):
    documents = []
    for item in items:
        AXIS[0] = "issuer-key"
        text, count = signers(item["note"], roots)
        need(count >= issuer["threshold"], "too few roots")
        logged(item, item["note"].encode(), "keys", current)
        documents.append(json.loads(text, object_pairs_hook=unique))
        need(documents[-1]["id"] == did, "key document of another registry")
    return documents

def listed_before(items, documents, method, index):
    need(any(item["index"] < index for item, known in zip(items, documents) if method in known["assertionMethod"]),
        "the key was listed after the record was logged")

def of_another(credential, issuer):
    if credential["issuer"] != issuer["did"]: raise Foreign(f"the trust folder is for {issuer['host']}, the file of {credential['issuer']}")

def speaks_until(document):
    """A key document speaks until nextUpdate, 24 hours to 35 days after updated; without one, for 24 hours."""
    updated = seconds(document["updated"])
    until = seconds(document["nextUpdate"]) if "nextUpdate" in document else updated + DAY
    need(DAY <= until - updated <= 35 * DAY, "nextUpdate")
    return max(until, updated + DAY + 1)

def bulk(lines, header, trust, now):
    """Each line with what it refers to is a bundle; that the heads grow out of each other is checked once."""
    need(set(header) == {"type", "version", "checkpoints", "keys", "lists"} and header["version"] == 1, "header")
    need(all(name == sha(item["note"].encode()).hex() for name, item in header["keys"].items()), "digest of a key document")
    need(all(name == sha(rfc8785.dumps(item["credential"])).hex() for name, item in header["lists"].items()), "digest of a list")
    logs, witnesses, groups, quorum = policy(trust, json.loads((trust / "issuer.json").read_text())["host"])
    AXIS[0], last, heads = "logged", None, []
    for head in header["checkpoints"]:
        need(set(head) == {"note", "consistency"}, "members of a head")
        path, this = [unb64(text) for text in head["consistency"]], logs.head(head["note"])
        need(last is not None or not path, "proof of the first head")
        if last: consistent(last, this, path)
        last, heads = this, heads + [this]
    logs.in_order(heads, lambda: reached(quorum, groups, cosigners(head["note"], witnesses)))
    newest, bad, fails = max(header["keys"].values(), key=lambda item: item["index"]), [], False
    for number, text in enumerate(lines, 2):
        try:
            AXIS[0] = "syntax"
            line = json.loads(text, object_pairs_hook=unique)
            need(text == rfc8785.dumps(line), "canonical line")
            need(min(line["before"], line["after"]) >= 0, "position of a head")
            note = lambda position: {"note": header["checkpoints"][position]["note"]}
            heads = {name: note(line.pop(name)) | {"consistency": []} for name in ("before", "after")} | {"current": note(-1)}
            key = header["keys"][line.pop("key")]
            judge(line | {"type": "LabourCreditBundle", "version": 1, "checkpoints": heads, "keys": [key] + [newest] * (newest != key),
                "lists": [header["lists"][digest] for digest in line.pop("lists")]}, trust, now, linked=True)
        except Exception as error:
            bad.append(f"line {number}: {AXIS[0]}: {type(error).__name__} {error}")
            fails = fails or not isinstance(error, Undecided)
    if bad and not fails: raise Undecided("; ".join(bad))
    need(not bad and number > 1, "; ".join(bad))
    return f"{number - 1} records"

def main(file, trust, now=None):
    text = file.read_bytes()
    first, _, rest = text.partition(b"\n")
    bundle = json.loads(first if rest else text, object_pairs_hook=unique)
    if bundle["type"] == "LabourCreditBulk": return bulk(rest.removesuffix(b"\n").split(b"\n"), bundle, trust, now)
    need(not rest, "something after the bundle")
    if bundle["type"] == "LabourCreditStatement":
        import verify_statement
        return verify_statement.judge(sys.modules[__name__], bundle, trust, now)
    return judge(bundle, trust, now)

def judge(bundle, trust, now=None, linked=False):
    issuer = json.loads((trust / "issuer.json").read_text())
    logs, witnesses, groups, quorum = policy(trust, issuer["host"])
    roots, did = [vkey(root) for root in issuer["roots"]], issuer["did"]
    need(did == "did:web:" + issuer["host"], "DID of the host")
    record, heads = bundle["record"], bundle["checkpoints"]
    of_another(record, issuer)
    need(record["proof"]["cryptosuite"] == "eddsa-jcs-2022", "another suite")
    place = {"entry", "index", "inclusion"}
    shapes = [(bundle, place | {"type", "version", "record", "checkpoints", "keys", "lists"}), (heads, {"before", "after", "current"}),
        (heads["before"], {"note", "consistency"}), (heads["after"], {"note", "consistency"}), (heads["current"], {"note"})]
    shapes += [(item, place | {"note"}) for item in bundle["keys"]] + [(item, place | {"credential"}) for item in bundle["lists"]]
    need(all(set(item) == names for item, names in shapes), "members of the bundle")
    final = record["type"][1] == "RecordWithdrawal"  # has no status, and no end
    need((bundle["type"], bundle["version"]) == ("LabourCreditBundle", 1), "type of the bundle")
    need(len(bundle["lists"]) == 3 or final and not bundle["lists"], "lists of the bundle")
    AXIS[0] = "logged"
    before, after, current = seen = [logs.head(heads[name]["note"]) for name in ("before", "after", "current")]
    if not linked:
        consistent(before, after, [unb64(text) for text in heads["before"]["consistency"]])
        consistent(after, current, [unb64(text) for text in heads["after"]["consistency"]])
    if not linked: logs.in_order(seen, lambda: reached(quorum, groups, cosigners(heads["current"]["note"], witnesses)))
    AXIS[0] = "witnessed"
    seen = [cosigners(heads[name]["note"], witnesses) for name in ("before", "after", "current")]
    earliest = latest = newest = wide = None
    if quorum != "none":
        need(all(reached(quorum, groups, times) for times in seen), "quorum")
        times = [[times[name] for name in counted(quorum, groups) if name in times] for times in seen]
        earliest, latest, newest = min(times[0]), max(times[1]), max(times[2])
        AXIS[0] = "time"
        need(earliest <= latest, "times of the witnesses")
        wide = latest > earliest + DAY
    AXIS[0] = "logged"
    need(before[0] <= bundle["index"] < after[0], "checkpoints do not enclose the index")
    kind = {"RuleSetPublication": "rule-set"}.get(record["type"][1], "record")
    logged(bundle, rfc8785.dumps(record), kind, current)
    documents = key_documents(bundle["keys"], issuer, roots, did, current)
    created, method = seconds(record["proof"]["created"]), record["proof"]["verificationMethod"]
    proven(record, documents, did, created if latest is None else latest)
    AXIS[0] = "issuer-key"
    listed_before(bundle["keys"], documents, method, bundle["index"])
    keys_end = max((item["index"], speaks_until(known)) for item, known in zip(bundle["keys"], documents))[1]
    lists = {item["credential"]["id"]: item for item in bundle["lists"]}
    AXIS[0], suspended = "status", False
    need(final != (len(record.get("credentialStatus", [])) == 3), "three status entries")
    dates = [seconds(documents[-1]["updated"])] + [seconds(item["credential"]["validFrom"]) for item in bundle["lists"]]
    now = max(dates) if now is None else now
    for status in record.get("credentialStatus", []):
        item = lists[status["statusListCredential"]]
        listed, subject = item["credential"], item["credential"]["credentialSubject"]
        logged(item, rfc8785.dumps(listed), "status-list", current)
        proven(listed, documents, did, seconds(listed["proof"]["created"]) if newest is None else newest)
        AXIS[0] = "status"
        need(subject["statusPurpose"] == status["statusPurpose"], "purpose")
        encoded = subject["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        index = int(status["statusListIndex"])
        bit = bits[index // 8] & (0x80 >> index % 8)
        if status["statusPurpose"] == "suspension": suspended = bit
        else: need(not bit, status["statusPurpose"] + " bit is set")  # for good, however old the list
    AXIS[0] = "validity"
    need(seconds(record["validFrom"]) <= now and (final or now < seconds(record["validUntil"])), "outside the validity period")
    AXIS[0] = "freshness"
    need(final or max(dates) <= now, "dated in the future")
    old_lists, old_keys = not final and now - min(dates[1:]) > DAY, not final and keys_end <= now
    need(newest is None or max(dates) <= newest, "dated after the checkpoint")
    AXIS[0] = "backdating"
    if latest is not None and not wide:
        need(created <= latest and earliest - created <= DAY, "signing time and logged time")
        decided = record["credentialSubject"].get("decidedOn")  # good for its whole day in Beijing
        need(decided is None or earliest - seconds(decided + "T16:00:00Z") <= 90 * DAY, "decided long before")
    AXIS[0] = "status"
    need(old_lists or not suspended, "suspension bit is set")  # in an old list: it may have ended since
    AXIS[0] = "time"
    if wide: raise Undecided("logged at a time known too roughly")
    AXIS[0] = "freshness"
    if old_lists or old_keys: raise Undecided("status lists or key document are too old")
    return record["id"]

if __name__ == "__main__":
    try: print("holds:", main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:])))
    except Undecided as error:
        print(f"undecided: {AXIS[0]}: {error}", file=sys.stderr)
        sys.exit(3)
    except Foreign as error: sys.exit(f"cannot tell: {AXIS[0]}: {error}")
    except Exception as error: sys.exit(f"refused: {AXIS[0]}: {type(error).__name__} {error}")
