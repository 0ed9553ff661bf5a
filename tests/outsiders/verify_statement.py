"""Verifies a statement of what a registry held on an employer, “nothing” included; run by verify.py.

Checks the snapshot as a logged credential, the head that it describes, the sorted tree's answer, the records that
come along with their status, and monitors' notes. What is demanded is what docs/formats.md says; the first thing
that does not hold ends the work, with the axis on which it fails.
"""
import base64, gzip, hashlib, json, re
import rfc8785

FORMS = {"present": ["leaf"], "between": ["left", "right"], "before-first": ["right"], "after-last": ["left"], "empty": []}
NAME = r"uscc:[0-9A-Z]{18}|reg:\d{6}:\d{13,15}"
STATE = {"audience", "currentDigest", "id", "logRoot", "logSize", "recordCounts", "statusLists", "treeRoot", "treeSize", "type"}

def digests(leaf):
    """The digests that a leaf holds: key, count, and that many, ascending."""
    data = leaf["data"]
    rest = [data[at:at + 32] for at in range(36, len(data), 32)]
    good = len(data) == 36 + 32 * len(rest) and rest == sorted(set(rest)) and 1 <= len(rest) <= 10000
    return rest if good and int.from_bytes(data[32:36], "big") == len(rest) else None

def answered(v, answer, key, size, root):
    """The digests of the key's leaf, or None for nothing; neighbours prove that nothing stands between them."""
    form = answer["form"]
    v.need(set(answer) == {"form", *FORMS[form]}, "form of the answer")
    leaves = [answer[name] for name in FORMS[form]]
    for leaf in leaves:
        v.need(set(leaf) == {"data", "index", "inclusion"}, "members of a leaf")
        leaf["data"] = v.unb64(leaf["data"])
        v.need(v.fold(v.sha(b"\0", leaf["data"]), leaf["index"], size, [v.unb64(text) for text in leaf["inclusion"]]) == root, "leaf in the tree")
        v.need(digests(leaf), "a leaf of an employer")
    keys, at = [leaf["data"][:32] for leaf in leaves], [leaf["index"] for leaf in leaves]
    v.need({"present": lambda: keys == [key],
        "between": lambda: keys[0] < key < keys[1] and at[0] + 1 == at[1],
        "before-first": lambda: key < keys[0] and at == [0],
        "after-last": lambda: keys[0] < key and at == [size - 1],
        "empty": lambda: size == 0 and root == hashlib.sha256().digest()}[form](), "place of the employer: " + form)
    return digests(leaves[0]) if form == "present" else None

def name_of(subject):
    return "uscc:" + subject["unifiedCode"] if "unifiedCode" in subject else f"reg:{subject['division']}:{subject['registrationNumber']}"

def proven_for(v, axis, *proof):
    try: v.proven(*proof)
    finally: v.AXIS[0] = axis

def clear(v, record, lists, documents, did, current, latest, now):
    """The three bits of a record that comes along, in the lists that come along; why they are undecided, if they are."""
    if any(status["statusListCredential"] not in lists for status in record["credentialStatus"]): return "a status list is missing"
    dates = [v.seconds(lists[status["statusListCredential"]]["credential"]["validFrom"]) for status in record["credentialStatus"]]
    old = now - min(dates) > v.DAY
    for status in record["credentialStatus"]:
        item = lists[status["statusListCredential"]]
        listed, subject = item["credential"], item["credential"]["credentialSubject"]
        v.logged(item, rfc8785.dumps(listed), "status-list", current)
        proven_for(v, "status", listed, documents, did, v.seconds(listed["proof"]["created"]) if latest is None else latest)
        v.need(subject["statusPurpose"] == status["statusPurpose"], "purpose")
        encoded = subject["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        index = int(status["statusListIndex"])
        final = status["statusPurpose"] != "suspension"  # one that an old list shows may have ended since
        v.need(not bits[index // 8] & (0x80 >> index % 8) or old and not final, status["statusPurpose"] + " bit is set")
    return "status lists are too old" if old else None

def monitored(v, notes, snapshot, origins, trust):
    """A known monitor's note must be good and about this snapshot; a stranger's says nothing."""
    file = trust / "monitors.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    known = [v.vkey(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    for note in notes:
        text, count = v.signers(note, known)
        said = re.fullmatch(r"chengxin-monitor/v1\n(.+)\n([0-9a-f]{64})\n(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n", text)
        v.need(said, "text of a monitor's note")
        v.need(not count or said[1] in origins and said[2] == v.sha(rfc8785.dumps(snapshot)).hex(), "a monitor's note about another snapshot")

def judge(v, statement, trust, now=None):
    issuer = json.loads((trust / "issuer.json").read_text())
    logs, witnesses, groups, quorum = v.policy(trust, issuer["host"])
    roots, did = [v.vkey(root) for root in issuer["roots"]], issuer["did"]
    place, item, heads = {"entry", "index", "inclusion"}, statement["snapshot"], statement["checkpoints"]
    v.need(set(statement) == {"type", "version", "about", "answer", "snapshot", "checkpoints", "keys", "records", "lists", "monitors"}, "members")
    v.need(list(map(set, (item, heads))) == [place | {"credential"}, {"described", "before", "after", "current"}], "members of a part")
    v.need(statement["version"] == 1 and re.fullmatch(NAME, statement["about"]), "whom it is about")
    snapshot, subject = item["credential"], item["credential"]["credentialSubject"]
    v.of_another(snapshot, issuer)
    v.need(snapshot["type"] == ["VerifiableCredential", "RegistrySnapshot"] and set(subject) == STATE and "validUntil" not in snapshot, "a snapshot")
    v.need(snapshot["proof"]["cryptosuite"] == "eddsa-jcs-2022", "another suite")
    v.AXIS[0] = "logged"
    names = ["described", "before", "after", "current"]
    described, before, after, current = opened = [logs.head(heads[name]["note"]) for name in names]
    for name, old, new in zip(names, opened, opened[1:]):
        v.consistent(old, new, [v.unb64(text) for text in heads[name]["consistency"]])
    logs.in_order(opened, lambda: v.reached(quorum, groups, v.cosigners(heads["current"]["note"], witnesses)))
    seen = [v.cosigners(heads[name]["note"], witnesses) for name in names]
    earliest = latest = newest = None
    open_ = []  # what nothing decides: axis and why
    if quorum != "none":
        v.AXIS[0] = "witnessed"
        v.need(all(v.reached(quorum, groups, times) for times in seen[1:]), "quorum")
        times = [[times[name] for name in v.counted(quorum, groups) if name in times] for times in seen]
        earliest, latest, newest = min(times[1]), max(times[2]), max(times[3])
        v.AXIS[0] = "time"
        v.need(earliest <= latest, "times of the witnesses")
        if latest > earliest + v.DAY: open_.append(("time", "logged at a time known too roughly"))
    v.AXIS[0] = "logged"
    v.need(before[0] <= item["index"] < after[0], "checkpoints do not enclose the index")
    v.logged(item, rfc8785.dumps(snapshot), "snapshot", current)
    v.need(json.loads(v.unb64(item["entry"]))["audience"] == subject["audience"], "audience of the entry")
    v.need(described[:2] == (subject["logSize"], v.unb64(subject["logRoot"])) and described[0] <= item["index"], "the head that it describes")
    documents = v.key_documents(statement["keys"], issuer, roots, did, current)
    created = v.seconds(snapshot["proof"]["created"])
    v.proven(snapshot, documents, did, created if latest is None else latest)
    v.AXIS[0] = "issuer-key"
    v.listed_before(statement["keys"], documents, snapshot["proof"]["verificationMethod"], item["index"])
    v.AXIS[0] = "freshness"
    taken, updated = v.seconds(snapshot["validFrom"]), v.seconds(documents[-1]["updated"])
    now = max(taken, updated) if now is None else now
    v.need(newest is None or max(taken, updated) <= newest, "dated after the checkpoint")
    proven = quorum != "none" and v.reached(quorum, groups, seen[0])
    shown = min(taken, max(times[0])) if proven else taken
    if max(taken, updated) > now: open_.append(("freshness", "dated after the time of verification"))
    elif now - shown > v.DAY or v.speaks_until(documents[-1]) <= now: open_.append(("freshness", "snapshot or key document are too old"))
    elif quorum != "none" and not proven: open_.append(("freshness", "nobody but the registry says when the described head was the newest"))
    v.AXIS[0] = "backdating"
    v.need(latest is None or created <= latest and (earliest - created <= v.DAY), "signing time and logged time")
    v.AXIS[0] = "answer"
    held = answered(v, statement["answer"], v.sha(statement["about"].encode()), subject["treeSize"], v.unb64(subject["treeRoot"]))
    for record in statement["records"]:
        v.need(held and v.sha(rfc8785.dumps(record)) in held and name_of(record["credentialSubject"]) == statement["about"], "a record of another")
        proven_for(v, "answer", record, documents, did, v.seconds(record["proof"]["created"]))
    v.AXIS[0] = "status"
    lists = {one["credential"]["id"]: one for one in statement["lists"]}
    for record in statement["records"]:
        why = clear(v, record, lists, documents, did, current, newest, now)
        if why: open_.append(("status", why))
    v.AXIS[0] = "monitored"
    monitored(v, statement["monitors"], snapshot, [name for name, _, _ in logs.keys], trust)
    if open_:
        v.AXIS[0], why = open_[0]
        raise v.Undecided(why)
    return f"{statement['about']}: {len(held or [])} records as of {snapshot['validFrom']}"
