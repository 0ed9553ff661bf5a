"""Which log followed which after the theft of a log key: successions.json in a trust folder, for verify.py."""
import json, re
import rfc8785

MEMBERS = {"type", "version", "host", "oldOrigin", "oldKeys", "newOrigin", "newKey", "size", "root", "frozenAt"}

class Logs:
    """The logs of a trust folder: which goes on, and at which head each of the others was frozen by the roots."""

    def __init__(self, v, trust, keys, demanded):
        issuer = json.loads((trust / "issuer.json").read_text())
        file, self.ends, self.demanded = trust / "successions.json", {}, demanded
        self.v, self.keys, self.newest = v, keys, max((name for name, _, _ in keys), key=nth)
        roots = [v.vkey(root) for root in issuer["roots"]]
        last, size, at = issuer["host"] + "/log", -1, 0
        for note in json.loads(file.read_text()) if file.exists() else []:
            text, count = v.signers(note, roots)
            said = json.loads(text, object_pairs_hook=v.unique)
            v.need(count >= issuer["threshold"], "too few roots under a succession document")
            v.need(set(said) == MEMBERS and text.encode() == rfc8785.dumps(said) + b"\n", "form of a succession document")
            following = f"{issuer['host']}/log{nth(last) + 1}"
            v.need([said[name] for name in ("type", "version", "host", "oldOrigin", "newOrigin")]
                == ["LabourCreditLogSuccession", 1, issuer["host"], last, following], "which log follows which")
            old, new = [v.vkey(line) for line in said["oldKeys"]], v.vkey(said["newKey"])
            v.need(old and all(name == last for name, _, _ in old) and new[0] == following, "keys of a succession document")
            v.need(size < said["size"] and at <= v.seconds(said["frozenAt"]), "one log after the other")
            size, at = said["size"], v.seconds(said["frozenAt"])
            self.ends[last], last = (size, v.unb64(said["root"]), following), following
            v.need(following != self.newest or new[1] in [key_id for name, key_id, _ in keys if name == following], "key of the newest log")
        v.need(not self.ends or last == self.newest, "the newest log is not in the policy")

    def head(self, note):
        """Size, root and origin of a head that its log has signed, and that does not lie past where that was frozen."""
        text, _ = self.v.signers(note, [])
        origin, size, root = text.splitlines()
        own = [key for key in self.keys if key[0] == origin]
        self.v.signers(note, self.keys)  # a bad line of any known key refuses the note
        if not own or not self.v.signers(note, own)[1] or origin not in [self.newest, *self.ends]:
            raise self.v.Foreign(f"the trust folder does not know the log that signed a head of {origin}")
        size, root = int(size), self.v.unb64(root)
        if origin in self.ends:
            end, frozen, _ = self.ends[origin]
            self.v.need(size < end or (size, root) == (end, frozen), f"{origin} was frozen at {end} entries")
        return size, root, origin

    def in_order(self, heads, quorum):
        """Heads of one log, then of those that followed it; a newest head of a log that ended must be known to be in it."""
        for old, new in zip(heads, heads[1:]):
            at = old[2]
            while at != new[2] and at in self.ends: at = self.ends[at][2]
            self.v.need(at == new[2], "heads of other logs")
        size, _, origin = heads[-1]
        if origin in self.ends and size < self.ends[origin][0] and not (self.demanded and quorum()):
            raise self.v.Undecided(f"{origin} was frozen at {self.ends[origin][0]} entries, and no witness saw this head")

def nth(origin):
    return int(re.search(r"\d*$", origin).group() or 1)
