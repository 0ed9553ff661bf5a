// A verdict of verify.js in one headline: the codes of `Headline` in src/verify/headline.rs, by the same rules.
//
// "forged" is kept for what speaks against the file itself; what is only too old is "stale", what is missing
// "unproven" or "incomplete", what is another registry's "foreign", or
// of a log that the trust folder does not know "unknown-log"; where the folder itself has ended "old-trust".
const PROOFS = ["syntax", "signature", "issuer-key", "logged", "time", "witnessed", "backdating"];
/** Two more that only statements have. */
const OF_STATEMENTS = [...PROOFS, "answer", "monitored"];

/** The headline's code. */
export function headline({ outcome, axes, warnings }) {
  const is = (axis, state) => axes[axis].state === state;
  const proofs = "answer" in axes ? OF_STATEMENTS : PROOFS;
  if (outcome === "accepted" && "answer" in axes) return axes.answer.reason === "records-present" ? "present" : "absent";
  if (outcome === "accepted") return warnings.includes("status-list-itself") ? "status-list" : warnings.includes("withdrawal-itself") ? "withdrawal" : "good";
  if (axes.syntax.reason === "foreign-issuer") return "foreign";
  if (axes.logged.reason === "log-unknown" && !is("syntax", "fails")) return "unknown-log";
  const [status, validity] = [axes.status.reason, axes.validity.reason];
  // A list that is not the issuer's, or not in the log, is forged like a record.
  const falseList = is("status", "fails") && !["revoked", "suspended", "replaced"].includes(status);
  if (proofs.some((axis) => is(axis, "fails")) || falseList || axes.freshness.reason === "dated-after-checkpoint") return "forged";
  if (proofs.some((axis) => is(axis, "undecided")))
    return axes.logged.reason === "not-supplied" ? "unproven" : axes["issuer-key"].reason === "trust-expired" ? "old-trust" : "incomplete";
  // What is final stays true however old the answer is; a suspension may have ended since.
  const stale = ["list-stale", "key-document-stale", "snapshot-stale"].includes(axes.freshness.reason);
  if (status === "revoked" || status === "replaced") return status;
  if (validity === "expired" || validity === "not-yet-valid") return validity;
  if (status === "suspended" && !stale) return status;
  if ((is("status", "undecided") && status !== "list-stale") || is("validity", "undecided")) return "incomplete";
  return stale ? "stale" : "incomplete";
}
