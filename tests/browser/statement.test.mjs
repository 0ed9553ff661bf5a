// Statements in Node: of every form, and the lies about them, what the offline program says of the same files.
//   node tests/browser/statement.test.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { headline } from "../../templates/assets/headline.js";
import * as verifier from "../../templates/assets/verify.js";
import { statements } from "../../templates/assets/verify-statement.js";

const golden = (name) => readFileSync(new URL(`../vectors/bundle/${name}`, import.meta.url), "utf8");
const utf8 = (text) => new TextEncoder().encode(text);
const { readTrust, verify } = statements(verifier);
const states = ({ axes }) => Object.fromEntries(Object.entries(axes).map(([axis, one]) => [axis, `${one.state} ${one.reason}`]));

const cases = JSON.parse(golden("statements.json"));
assert.ok(cases.length > 30);
for (const one of cases) {
  const verdict = await verify(utf8(one.file), await readTrust(one), one.now);
  assert.deepEqual([states(verdict), headline(verdict), verdict.exitCode], [one.axes, one.headline, one.exitCode], one.name);
}

// Without the list of monitors their notes are strangers'.
const monitored = cases.find(({ name }) => name === "monitored");
const alone = await verify(utf8(monitored.file), await readTrust({ ...monitored, monitors: undefined }), monitored.now);
assert.deepEqual([alone.axes.monitored.reason, alone.outcome], ["asserted", "accepted"]);

// The files without witnesses, and a bundle, by the same door.
const trust = await readTrust({ policy: golden("trust/policy.txt"), issuer: JSON.parse(golden("trust/issuer.json")), context: cases[0].context });
const now = Date.parse("2026-10-10T06:00:00Z") / 1000;
for (const [name, expected] of [["statement.json", "present"], ["statement-nothing.json", "absent"], ["bundle.json", "good"]]) {
  assert.equal(headline(await verify(utf8(golden(name)), trust, now)), expected, name);
}

// A flipped bit anywhere: never accepted with another answer.
let flipped = 0;
for (const name of ["present", "between", "empty"]) {
  const one = cases.find((other) => other.name === name);
  const [file, own] = [utf8(one.file), await readTrust(one)];
  const good = await verify(file, own, one.now);
  for (let at = 0; at < file.length; at += 41) {
    const mutant = file.slice();
    mutant[at] ^= 1;
    flipped += 1;
    try {
      const verdict = await verify(mutant, own, one.now);
      if (verdict.outcome === "accepted") assert.deepEqual([verdict.says, verdict.axes.answer], [good.says, good.axes.answer], `${name}: byte ${at}`);
    } catch (error) { if (!(error instanceof verifier.Unusable)) throw error; }
  }
}
console.log(`verify-statement.js: ${cases.length} statements, ${flipped} flipped bits: as expected`);
