"""A stranger's verifier, sharing no code with ours, on what a demonstration published.

CHENGXIN_BIN names the built `chengxin`; `chengxin-verify` stands beside it. CHENGXIN_MUTANTS says how many
damaged bundles both verifiers are asked about, CHENGXIN_SEED where the damage begins.
"""
import base64, datetime, hashlib, json, os, pathlib, random, re, shutil, subprocess, sys, tempfile, unittest

HERE = pathlib.Path(__file__).parent
CHENGXIN = pathlib.Path(os.environ["CHENGXIN_BIN"])
MUTANTS = int(os.environ.get("CHENGXIN_MUTANTS", "60"))
SEED = int(os.environ.get("CHENGXIN_SEED", "1"))


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


class Bundle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="chengxin-outsider-")
        root = pathlib.Path(cls.folder.name)
        data, cls.file, cls.trust = root / "registry", root / "bundle.json", root / "registry" / "trust"
        said = run(CHENGXIN, "demo", "--no-serve", "--employers", 100, "--data", data)
        assert said.returncode == 0, said.stderr
        words = (line.split() for line in said.stdout.splitlines() if line.startswith("  A  "))
        code = next(line[1] for line in words if len(line) > 1 and len(line[1]) == 18)
        said = run(CHENGXIN, "export", "bundle", "--code", code, "-o", cls.file, "--data", data)
        assert said.returncode == 0, said.stderr
        cls.good = cls.file.read_bytes()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def verdicts(self, content):
        """Exit codes of the stranger's verifier and of ours."""
        file = pathlib.Path(self.folder.name) / "asked.json"
        file.write_bytes(content)
        theirs = run(sys.executable, HERE / "verify.py", file, self.trust)
        ours = run(CHENGXIN.parent / "chengxin-verify", file, "--trust", self.trust)
        return theirs.returncode, ours.returncode

    def test_both_accept_what_was_published(self):
        self.assertEqual(self.verdicts(self.good), (0, 0))

    def test_a_policy_that_names_another_hosts_log_is_refused(self):
        """Beside the issuer's own log, which signed all that is shown: what the other vouches for nobody watches."""
        name, key = "other.example/log", b"\1" + bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        known = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex()
        policy = self.trust / "policy.txt"
        own = policy.read_text("utf-8")
        self.addCleanup(policy.write_text, own, "utf-8")
        policy.write_text(own + f"log {name}+{known}+{base64.b64encode(key).decode()}\n", "utf-8")
        self.assertEqual(self.verdicts(self.good), (1, 2))
        successor = own.split()[own.split().index("log") + 1].split("+", 2)[0] + "2"
        known = hashlib.sha256(successor.encode() + b"\n" + key).digest()[:4].hex()
        policy.write_text(own + f"log {successor}+{known}+{base64.b64encode(key).decode()}\n", "utf-8")
        self.assertEqual(self.verdicts(self.good), (1, 1), "nothing says how far the key of a log counts that another follows")

    def test_one_mutant_for_each_axis_has_one_verdict(self):
        """The same file is judged by the browser's verifier in tests/browser/verify.test.mjs."""
        cases = json.loads((HERE.parent / "vectors/bundle/axes.json").read_text("utf-8"))
        self.assertEqual((len({case["name"] for case in cases}), len({case["axis"] for case in cases})), (23, 12))
        for case in cases:
            with self.subTest(name=case["name"]), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / "policy.txt").write_text(case["policy"], "utf-8")
                (root / "issuer.json").write_text(json.dumps(case["issuer"]), "utf-8")
                if "successions" in case: (root / "successions.json").write_text(json.dumps(case["successions"]), "utf-8")
                (root / "bundle").write_text(case["file"], "utf-8")
                theirs = run(sys.executable, HERE / "verify.py", root / "bundle", root, case["now"])
                at = datetime.datetime.fromtimestamp(case["now"], datetime.timezone.utc).isoformat()
                ours = run(CHENGXIN.parent / "chengxin-verify", root / "bundle", "--trust", root, "--at", at, "--json")
                verdict = json.loads(ours.stdout)
                axes = {row["axis"]: f"{row['state']} {row['reason']}" for row in verdict["axes"]}
                self.assertEqual((axes, verdict["headline"]), (case["axes"], case["headline"]))
                self.assertEqual((theirs.returncode, ours.returncode), (case["exitCode"], case["exitCode"]), theirs.stderr)
                if case["axis"] not in ("good", "withdrawal"):
                    word = "cannot tell" if case["headline"] in ("foreign", "unknown-log") else "undecided" if case["exitCode"] == 3 else "refused"
                    self.assertEqual(theirs.stderr.split(": ")[:2], [word, case["axis"]], theirs.stderr)

    def test_statements_of_every_form_and_the_lies_about_them(self):
        """The same files are judged by the browser's verifier in tests/browser/statement.test.mjs."""
        cases = json.loads((HERE.parent / "vectors/bundle/statements.json").read_text("utf-8"))
        good = {case["name"] for case in cases if case["axis"] == "good"}
        self.assertLessEqual({"present", "between", "before-first", "after-last", "empty", "monitored"}, good)
        for case in cases:
            with self.subTest(name=case["name"]), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                for name in ("policy", "monitors"):
                    (root / f"{name}.txt").write_text(case[name], "utf-8")
                (root / "issuer.json").write_text(json.dumps(case["issuer"]), "utf-8")
                if "successions" in case: (root / "successions.json").write_text(json.dumps(case["successions"]), "utf-8")
                theirs, ours, said, verdict = self.both(case["file"].encode(), root, case["now"])
                axes = {row["axis"]: f"{row['state']} {row['reason']}" for row in verdict["axes"]}
                self.assertEqual((axes, verdict["headline"], ours), (case["axes"], case["headline"], case["exitCode"]))
                self.assertEqual(theirs, case["exitCode"], said)
                if case["axis"] != "good":
                    word = "cannot tell" if case["name"] in ("foreign", "log-unknown") else "undecided" if case["exitCode"] == 3 else "refused"
                    self.assertEqual(said.split(": ")[:2], [word, case["axis"]], said)

    def test_neither_accepts_a_damaged_statement(self):
        cases = json.loads((HERE.parent / "vectors/bundle/statements.json").read_text("utf-8"))
        dice = random.Random(SEED)
        for number in range(MUTANTS // 2):
            case = next(case for case in cases if case["name"] == ("present-with-records", "between", "after-last")[number % 3])
            with tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / "policy.txt").write_text(case["policy"], "utf-8")
                (root / "issuer.json").write_text(json.dumps(case["issuer"]), "utf-8")
                good = case["file"].encode()
                content = bytearray(good)
                place, bit = dice.randrange(len(content)), 1 << dice.randrange(8)
                content[place] ^= bit
                theirs, ours, said, _ = self.both(bytes(content), root, case["now"])
                with self.subTest(seed=SEED, number=number, place=place, bit=bit, said=said):
                    self.assertNotEqual((theirs, ours), (0, 0))
                    self.assertEqual(theirs == 0, ours == 0, "the two verifiers differ")

    def test_both_refuse_another_grade(self):
        other = self.good.replace(b'"grade":"A"', b'"grade":"B"')
        self.assertNotEqual(other, self.good)
        self.assertEqual(self.verdicts(other), (1, 1))

    def both(self, content, trust, now):
        """Exit codes of both, and the lines or axis at which the stranger's verifier stops."""
        file = pathlib.Path(self.folder.name) / "asked.any"
        file.write_bytes(content)
        theirs = run(sys.executable, HERE / "verify.py", file, trust, now)
        at = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).isoformat()
        ours = run(CHENGXIN.parent / "chengxin-verify", file, "--trust", trust, "--at", at, "--json")
        return theirs.returncode, ours.returncode, theirs.stderr, json.loads(ours.stdout)

    def witnessed(self, folder):
        """A good bundle under a quorum of two witnesses of three, its trust folder, and the time to judge it at."""
        case, = [c for c in json.loads((HERE.parent / "vectors/bundle/axes.json").read_text("utf-8")) if c["name"] == "good"]
        (folder / "policy.txt").write_text(case["policy"], "utf-8")
        (folder / "issuer.json").write_text(json.dumps(case["issuer"]), "utf-8")
        return case["file"].encode(), case["now"]

    def test_neither_accepts_a_damaged_witnessed_bundle(self):
        with tempfile.TemporaryDirectory() as folder:
            trust = pathlib.Path(folder)
            good, now = self.witnessed(trust)
            self.assertEqual(self.both(good, trust, now)[:2], (0, 0))
            dice = random.Random(SEED)
            notes = [at for at in range(len(good)) if good.startswith(b"\xe2\x80\x94 witness", at)]
            self.assertGreater(len(notes), 3)
            for number in range(MUTANTS):
                content = bytearray(good)
                # Every second one in a cosignature line.
                place = dice.choice(notes) + dice.randrange(150) if number % 2 else dice.randrange(len(good))
                bit = 1 << dice.randrange(8)
                content[place] ^= bit
                theirs, ours, said, _ = self.both(bytes(content), trust, now)
                with self.subTest(seed=SEED, number=number, place=place, bit=bit, said=said):
                    self.assertNotEqual((theirs, ours), (0, 0))
                    self.assertEqual(theirs == 0, ours == 0, "the two verifiers differ")

    def test_both_read_bulk_files(self):
        golden = HERE.parent / "vectors/bundle"
        now = int(datetime.datetime(2026, 10, 10, 6, tzinfo=datetime.timezone.utc).timestamp())
        good = (golden / "bulk.ndjson").read_bytes()
        theirs, ours, said, report = self.both(good, golden / "trust", now)
        self.assertEqual((theirs, ours, report["records"]), (0, 0, 20), said)
        start, dice = good.index(b"\n") + 1, random.Random(SEED)
        for number in range(MUTANTS // 2):
            content = bytearray(good)
            place, bit = dice.randrange(start, len(content)), 1 << dice.randrange(8)
            content[place] ^= bit
            theirs, ours, said, report = self.both(bytes(content), golden / "trust", now)
            with self.subTest(seed=SEED, number=number, place=place, bit=bit, said=said):
                self.assertEqual(theirs, 1)
                self.assertIn(ours, (1, 3))
                named = [f"line {verdict['line']}:" in said for verdict in report["verdicts"]]
                self.assertTrue(named and all(named), report["verdicts"])

    def by_hand(self, content, trust):
        """Runs the commands of docs/verify.md, “By hand”, as they stand there."""
        document = (HERE.parent.parent / "docs/verify.md").read_text("utf-8")
        lines = "\n".join(re.findall(r"^```sh\n(.*?)^```", document, re.M | re.S))
        self.assertGreater(lines.count("openssl pkeyutl -verify -rawin"), 1)
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "bundle.json").write_bytes(content)
            shutil.copytree(trust, root / "trust")
            return subprocess.run(["bash", "-c", lines], cwd=root, capture_output=True, text=True, check=False)

    def test_the_documents_commands(self):
        golden = HERE.parent / "vectors/bundle"
        for content, trust in ((self.good, self.trust), ((golden / "bundle.json").read_bytes(), golden / "trust")):
            said = self.by_hand(content, trust)
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
            self.assertIn("revocation: 0", said.stdout)
            bundle = json.loads(content)
            for change in (
                lambda b: b["record"]["credentialSubject"].update(grade="B"),
                lambda b: b["record"]["proof"].update(created="2020-01-01T00:00:00Z"),
                lambda b: b.update(index=b["index"] + 1),
                lambda b: b["inclusion"].reverse(),
                lambda b: b["checkpoints"]["current"].update(note=b["checkpoints"]["before"]["note"]),
                lambda b: b["keys"][-1].update(note=b["keys"][-1]["note"].replace("registry.example", "registry.exbmple")),
            ):
                other = json.loads(content)
                change(other)
                self.assertNotEqual(other, bundle)
                self.assertNotEqual(self.by_hand(json.dumps(other).encode(), trust).returncode, 0, change)

    def test_neither_accepts_a_damaged_bundle(self):
        dice = random.Random(SEED)
        for number in range(MUTANTS):
            content = bytearray(self.good)
            place, bit = dice.randrange(len(content)), 1 << dice.randrange(8)
            content[place] ^= bit
            theirs, ours = self.verdicts(bytes(content))
            near = self.good[max(0, place - 30):place + 30]
            with self.subTest(seed=SEED, number=number, place=place, bit=bit, near=near):
                self.assertNotEqual(ours, 0, "our verifier accepts it")
                self.assertNotEqual(theirs, 0, "the stranger's verifier accepts it")


if __name__ == "__main__":
    unittest.main()
