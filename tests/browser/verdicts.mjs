// Whether the browser's verifier says of every bundle what the Rust verifier says: state and reason of each axis.
//   CHENGXIN_VERDICTS=FILE cargo test writes_verdicts && node tests/browser/verdicts.mjs FILE
import { readFileSync } from "node:fs";
import { readTrust, Unusable, verify } from "../../templates/assets/verify.js";

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
let [differ, unusable] = [0, 0];
for (const one of cases) {
  const file = Uint8Array.from(one.file, (letter) => letter.charCodeAt(0));
  let axes = null;
  try {
    const verdict = await verify(file, await readTrust(one), one.now);
    axes = Object.fromEntries(Object.entries(verdict.axes).map(([axis, { state, reason }]) => [axis, `${state} ${reason}`]));
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    unusable += 1;
  }
  const axis = Object.keys(axes ?? one.axes ?? {}).find((axis) => axes?.[axis] !== one.axes?.[axis]);
  if (axis) {
    differ += 1;
    if (differ <= 20) console.log(`${one.name}: ${axis}: Rust ${one.axes?.[axis]}, browser ${axes?.[axis]}`);
  }
}
console.log(`${cases.length} bundles (${unusable} unusable): ${differ} verdicts differ`);
process.exit(differ === 0 ? 0 : 1);
