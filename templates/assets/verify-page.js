// The verification page: takes a file, shows the verdict. All checking is in verify.js and, of statements, in
// verify-statement.js, the one word in headline.js; nothing of the file is sent. How the record stands now is read
// from the registry's whole status lists (verify-current.js), where there is a network.

const root = document.getElementById("verifier");
const words = JSON.parse(root.dataset.text);
const trustFolder = JSON.parse(root.dataset.trust);
const place = document.getElementById("verdict");
const drop = document.getElementById("drop");
const input = document.getElementById("file");

const verifier = await import(root.dataset.verifier);
const { Unusable, signed } = verifier;
const { readTrust, verify } = (await import(root.dataset.statements)).statements(verifier);
const { headline } = await import(root.dataset.headline);
const standing = (await import(root.dataset.current)).currentStatus(verifier);

/** Whether this browser can check at all: RFC 8032, test 2. */
async function supported() {
  const bytes = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
  return typeof DecompressionStream === "function" && signed(
    bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), bytes("72"),
    bytes("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
}

/** An element with a class and children; text is never HTML. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const TONES = { holds: ["good", "check"], fails: ["bad", "cross"], undecided: ["warn", "question"], "not-required": ["none", "dash"] };
const WORDS = { valid: ["good", "shield"], lapsed: ["warn", "clock"], suspended: ["warn", "clock"], revoked: ["bad", "cross"], invalid: ["bad", "warn"], unverifiable: ["none", "question"], unsupported: ["none", "info"] };
const key = (code) => code.replaceAll("-", "_");

/** Seconds since 1970 in Beijing time, which has been UTC+8 without change since 1991. */
const beijing = (seconds) => `${new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 19).replace("T", " ")} +08:00`;

function detailText(detail) {
  if (detail === null) return "";
  if (typeof detail === "string") return detail;
  if ("index" in detail) return String(detail.index);
  return "at" in detail ? beijing(detail.at) : `${beijing(detail.from)} – ${beijing(detail.until)}`;
}

/** Reasons whose detail is a name. Another text is what an error says in English, or the code of a reason. */
const NAMED = ["foreign-issuer", "key-not-listed", "list-missing", "log-unknown"];

function reasonText({ reason, detail }) {
  const [text, isText] = [words.reasons[reason] ?? reason, typeof detail === "string" && !NAMED.includes(reason)];
  // A Chinese sentence goes without the English half rather than changes its language.
  const said = !isText ? detailText(detail) : words.reasons[detail]?.replace(/：\{\}|（\{\}）|: \{\}| \(\{\}\)/, "") ?? (words.lang === "en" ? detail : "");
  if (!said) return text.replace(/：\{\}|（\{\}）|: \{\}| \(\{\}\)/, "");
  return text.includes("{}") ? text.replace("{}", said) : `${text} · ${said}`;
}

function sentence(word, name, text, at = null) {
  const [tone, symbol] = WORDS[word];
  const asOf = at === null ? null : element("small", "as-of", words.verdicts.as_of.replace("{time}", beijing(at)));
  return element("div", `sentence ${tone}`, icon(symbol), element("div", "", element("strong", "", name), asOf, element("p", "", text)));
}

/** Until when the lists speak that a verdict rests on; a statement says so itself. */
function statusTime({ axes, says }) {
  const isOfLists = ["clear", "revoked", "suspended", "replaced", "list-stale"].includes(axes.status.reason);
  return says ? says.asOf : isOfLists ? axes.status.detail?.at ?? null : null;
}

/** Where there is no verdict: the word for “cannot be verified”, and why. */
const unverifiable = (text, note) => show("unverifiable", sentence("unverifiable", words.headlines.incomplete.name, text), ...(note ? [note] : []));
const unsupported = () => show("unsupported", sentence("unsupported", words.verdicts.unsupported, words.verdicts.unsupported_text));

function facts(rows) {
  return element("dl", "facts", ...rows.filter(([, text]) => text).map(([label, text]) => element("div", "", element("dt", "", label), element("dd", "", String(text)))));
}

function recordCard(record, fileName, proven) {
  const v = words.verdicts;
  const subject = record?.credentialSubject ?? {};
  const period = [record?.validFrom, record?.validUntil].map((at) => (at ? beijing(Date.parse(at) / 1000).slice(0, 10) : "")).join(" – ");
  const rows = facts([
    [v.subject, subject.name], [v.code, subject.unifiedCode ?? subject.registrationNumber], [v.kind, record ? words.kinds[record.type?.[1]] ?? record.type?.[1] : ""],
    [v.year, subject.gradeYear], [v.result, subject.grade], [v.decided_by, subject.decidedBy?.name], [v.period, record ? period : ""],
    [v.file, fileName], [v.checked_at, beijing(Math.floor(Date.now() / 1000))],
  ]);
  return element("section", "card", element("h2", "", proven ? v.record : v.record_unproven), rows);
}

/** What a statement says; the records that it holds are counted by its answer. */
function statementCard({ about, audience, asOf, logSize, held }, fileName) {
  const v = words.verdicts;
  const rows = facts([
    [v.statement_about, about], [v.statement_as_of, beijing(asOf)], [v.statement_audience, audience === "public" ? v.statement_public : v.statement_partners],
    [v.statement_held, held === null ? "" : String(held)], [v.statement_log_size, String(logSize)], [v.file, fileName], [v.checked_at, beijing(Math.floor(Date.now() / 1000))],
  ]);
  return element("section", "card", element("h2", "", v.statement), rows);
}

function axisList(axes) {
  const rows = Object.entries(axes).map(([axis, finding]) => {
    const [tone, symbol] = TONES[finding.state];
    const mark = element("span", "mark", icon(symbol));
    const row = element("li", tone, mark, element("div", "", element("b", "", words.axes[key(axis)]), element("em", "", words.states[key(finding.state)]), element("small", "", reasonText(finding))));
    row.dataset.axis = axis;
    row.dataset.state = finding.state;
    row.dataset.reason = finding.reason;
    return row;
  });
  return element("section", "card", element("h2", "", words.verdicts.checks), element("ul", "axes two-up", ...rows));
}

function show(word, ...parts) {
  place.replaceChildren(...parts);
  place.dataset.word = word;
  delete place.dataset.current;
  place.hidden = false;
  place.focus();
  place.scrollIntoView({ block: "nearest" });
}

/** How the registry says that a record stands now: the tone and icon of the word for it. */
const NOW = { revoked: "revoked", suspended: "suspended", replaced: "lapsed", clear: "unsupported" };

async function fetched(path) {
  const answer = await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Puts beside a verdict how the record stands now. The verdict stays what the file proves. */
async function compare(bytes, trust, verdict) {
  const [mine, v, line] = [place.firstElementChild, words.verdicts, (text) => element("p", "fine current", text)];
  let found;
  try {
    if (!navigator.onLine) throw new Error("offline");
    found = await standing(bytes, trust, fetched, Math.floor(Date.now() / 1000));
  } catch (error) {
    console.info("the current status could not be had:", error.message);
  }
  // Another file may have been judged meanwhile.
  if (found === null || !mine.isConnected) return;
  const changed = found && found.reason !== verdict.axes.status.reason;
  const text = (key) => v[key].replace("{time}", beijing(found.at));
  if (changed) mine.before(sentence(NOW[found.reason], v[`now_${found.reason}`], text(`now_${found.reason}_text`), found.at));
  else mine.after(line(found ? text("now_same") : v.now_unknown));
  place.dataset.current = found?.reason ?? "unknown";
}

async function check(bytes, fileName) {
  if (!await supported()) return unsupported();
  try {
    const trust = await readTrust(trustFolder);
    const verdict = await verify(bytes, trust);
    const { word, name, text } = words.headlines[headline(verdict)];
    const warnings = verdict.warnings.map((code) => element("p", "fine", words.reasons[code] ?? code));
    const proven = ["signature", "issuer-key", "logged"].every((axis) => verdict.axes[axis]?.state === "holds");
    show(word, sentence(word, name, text.replace("{}", trustFolder.issuer.host), statusTime(verdict)), axisList(verdict.axes),
      verdict.says ? statementCard(verdict.says, fileName) : recordCard(verdict.record, fileName, proven), ...warnings);
    // What is revoked or replaced stays so.
    if (proven && !verdict.says && !["revoked", "replaced"].includes(verdict.axes.status.reason)) await compare(bytes, trust, verdict);
  } catch (error) {
    if (!(error instanceof Unusable)) console.error(error);
    return unverifiable(error instanceof Unusable ? words.verdicts.unreadable_text : words.verdicts.trouble_text, words.lang === "en" ? element("p", "fine", error.message) : null);
  }
}

async function take(file) {
  if (file) await check(new Uint8Array(await file.arrayBuffer()), file.name);
}

input.addEventListener("change", async () => {
  await take(input.files[0]);
  input.value = "";
});
for (const event of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(event, (dragged) => {
    dragged.preventDefault();
    drop.classList.toggle("over", event === "dragover");
    if (event === "drop") take(dragged.dataTransfer.files[0]);
  });
}
document.getElementById("check").addEventListener("click", () => check(new TextEncoder().encode(document.getElementById("text").value.trim())));
if (!await supported()) unsupported();
// Until now a file would have been lost: the place was kept and nothing could be dropped there.
root.dataset.ready = "yes";
