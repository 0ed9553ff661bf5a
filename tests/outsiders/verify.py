"""Verifies a bundle without any code of this project: verify.py BUNDLE TRUST_DIR; exit code 0 or 1.

Checks proof, log entries, inclusion, consistency, checkpoint signatures, key documents (enough roots) and
status bits, at the time of the status lists. Witnesses' cosignatures are not looked at.
"""
import base64, gzip, hashlib, json, pathlib, re, struct, sys
from datetime import datetime, timedelta
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()

def need(condition, what):
    if not condition: raise ValueError(what)

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

def vkey(text):
    name, key_id, rest = text.split("+", 2)
    key = unb64(rest)
    need(key[0] == 1 and sha(name.encode(), b"\n", key)[:4].hex() == key_id, "verifier key")
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

def checkpoint(note, log):
    text, count = signers(note, [log])
    origin, size, root = text.splitlines()
    need(count == 1 and origin == log[0], "checkpoint signature")
    return int(size), unb64(root)

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
    (m, old_root), (n, new_root) = old, new
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
    bare = {name: value for name, value in document.items() if name != "proof"}
    proof = dict(document["proof"])
    signature = base58(proof.pop("proofValue"))
    need(document["issuer"] == did and proof["@context"] == document["@context"] and (proof["type"], proof["cryptosuite"],
        proof["proofPurpose"]) == ("DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"), "proof options")
    listing = [known for known in documents if proof["verificationMethod"] in known["assertionMethod"]]
    for known in documents[-1:] + listing:
        method, = [m for m in known["verificationMethod"] if m["id"] == proof["verificationMethod"]]
        need(method["id"] in known["assertionMethod"] and method["controller"] == did, "verification method")
        need(all(when < method.get(end, "9999") for end in ("expires", "revoked")), "key ended")
        multikey = base58(method["publicKeyMultibase"])
        need(multikey[:2] == b"\xed\x01", "multikey")
        Ed25519PublicKey.from_public_bytes(multikey[2:]).verify(signature, sha(rfc8785.dumps(proof)) + sha(rfc8785.dumps(bare)))

def speaks(document, when):
    """A key document speaks until nextUpdate, 24 hours to 35 days after updated; without one, for 24 hours."""
    moment = lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    updated, day = moment(document["updated"]), timedelta(days=1)
    until = moment(document["nextUpdate"]) if "nextUpdate" in document else updated + day
    need(day <= until - updated <= 35 * day, "nextUpdate")
    need(moment(when) < until, "the newest key document is stale")

def main(bundle, trust):
    issuer = json.loads((trust / "issuer.json").read_text())
    log = vkey(re.search(r"^log (\S+)", (trust / "policy.txt").read_text(), re.M)[1])
    roots, did = [vkey(root) for root in issuer["roots"]], issuer["did"]
    bundle = json.loads(bundle.read_text("utf-8"), object_pairs_hook=unique)
    record, heads = bundle["record"], bundle["checkpoints"]
    place = {"entry", "index", "inclusion"}
    shapes = [(bundle, place | {"type", "version", "record", "checkpoints", "keys", "lists"}), (heads, {"before", "after", "current"}),
        (heads["before"], {"note", "consistency"}), (heads["after"], {"note", "consistency"}), (heads["current"], {"note"})]
    shapes += [(item, place | {"note"}) for item in bundle["keys"]] + [(item, place | {"credential"}) for item in bundle["lists"]]
    need(all(set(item) == names for item, names in shapes), "members of the bundle")
    need((bundle["type"], bundle["version"], len(bundle["lists"])) == ("LabourCreditBundle", 1, 3), "type of the bundle")
    before, after, current = (checkpoint(heads[name]["note"], log) for name in ("before", "after", "current"))
    consistent(before, after, [unb64(text) for text in heads["before"]["consistency"]])
    consistent(after, current, [unb64(text) for text in heads["after"]["consistency"]])
    need(before[0] <= bundle["index"] < after[0], "checkpoints do not enclose the index")
    kind = {"RuleSetPublication": "rule-set"}.get(record["type"][1], "record")
    logged(bundle, rfc8785.dumps(record), kind, current)
    documents = []
    for item in bundle["keys"]:
        text, count = signers(item["note"], roots)
        need(count >= issuer["threshold"], "too few roots")
        logged(item, item["note"].encode(), "keys", current)
        documents.append(json.loads(text, object_pairs_hook=unique))
        need(documents[-1]["id"] == did, "key document of another registry")
    method = record["proof"]["verificationMethod"]
    need(any(item["index"] < bundle["index"] for item, known in zip(bundle["keys"], documents)
        if method in known["assertionMethod"]), "the key was listed after the record was logged")
    newest = max(zip((item["index"] for item in bundle["keys"]), documents), key=lambda pair: pair[0])[1]
    proven(record, documents, did, record["proof"]["created"])
    lists = {item["credential"]["id"]: item for item in bundle["lists"]}
    need(len(record["credentialStatus"]) == 3, "three status entries")
    for status in record["credentialStatus"]:
        item = lists[status["statusListCredential"]]
        listed, subject = item["credential"], item["credential"]["credentialSubject"]
        logged(item, rfc8785.dumps(listed), "status-list", current)
        proven(listed, documents, did, listed["proof"]["created"])
        need(subject["statusPurpose"] == status["statusPurpose"], "purpose")
        encoded = subject["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        index = int(status["statusListIndex"])
        need(not bits[index // 8] & (0x80 >> index % 8), status["statusPurpose"] + " bit is set")
        speaks(newest, listed["validFrom"])
        need(record["validFrom"] <= listed["validFrom"] < record["validUntil"], "outside the validity period")
    return record["id"]

if __name__ == "__main__":
    try: print("holds:", main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
    except Exception as error: sys.exit(f"refused: {type(error).__name__} {error}")
