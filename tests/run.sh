#!/usr/bin/env bash
# All tests. Prints seconds per stage and at the end `N passed, N failed, N skipped`.
#
#   tests/run.sh [--quick | --deep] [--only STAGE[,STAGE…]] [--no-install]
#
# --quick (default)  every stage, under 25 minutes on two cores with a warm download cache
# --deep             the same, longer: more random cases, and advisories for dependencies
# --only             these stages alone: tools fmt clippy doc rules deny test doctest outsiders script browser
# --no-install       installs nothing, says what is missing
#
# One profile (dev), one target folder. On Debian as root what is missing is installed with apt-get;
# elsewhere the script says what to install. With CI=true a skip is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

deep=false install=true only=
while [[ $# -gt 0 ]]; do
  case $1 in
    --quick) deep=false ;;
    --deep) deep=true ;;
    --no-install) install=false ;;
    --only) only=${2:?--only needs the names of stages}; shift ;;
    -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown argument: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
if [[ ${CI:-} == true ]]; then export CARGO_INCREMENTAL=0; fi
target=${CARGO_TARGET_DIR:-target}
logs=$target/tests
mkdir -p "$logs"
rm -f "$logs"/*.log
if $deep; then export PROPTEST_CASES=${PROPTEST_CASES:-10000} CHENGXIN_MUTANTS=${CHENGXIN_MUTANTS:-10000}; fi

passed=0 failed=0 skipped=0 unrun_vectors=0
failures=() timings=()

# ---- counting ------------------------------------------------------------------------------------

# stage NAME FUNCTION: runs the function with its output in a log; a stage that counts tests of its own
# calls `count`, any other counts as one.
stage() {
  local name=$1 work=$2 log=$logs/$1.log start=$SECONDS status=ok
  if [[ -n $only && ,$only, != *,"$name",* ]]; then return; fi
  if [[ -t 1 ]]; then printf '%-10s …\r' "$name"; fi
  counted=
  # Not `if work`: that would switch off `set -e` inside. The parts talk to us through files.
  rm -f "$logs/$name.counts"
  set +e
  (set -euo pipefail; "$work") >"$log" 2>&1
  local code=$?
  set -e
  if [[ -f $logs/$name.counts ]]; then
    read -r p f s <"$logs/$name.counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    counted=" ($p passed, $f failed, $s skipped)"
    if [[ $code -ne 0 && $f -eq 0 ]]; then failed=$((failed + 1)); fi
  elif [[ $code -eq 0 ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  if [[ $code -ne 0 ]]; then
    status=FAILED
    failures+=("$name")
  fi
  local seconds=$((SECONDS - start))
  timings+=("$(printf '%-10s %5d s' "$name" "$seconds")")
  printf '%-10s %-6s %5d s%s\n' "$name" "$status" "$seconds" "$counted"
  { grep -hE '^(SKIPPED|NOTE) ' "$log" || true; } | sort -u | sed 's/^/  /'
  if [[ $code -ne 0 ]]; then
    sed 's/^/  | /' "$log" | tail -n 120
  fi
}

# count NAME PASSED FAILED SKIPPED: what a stage found.
count() { echo "$2 $3 $4" >"$logs/$1.counts"; }

# sum PATTERN FILE: the sum of the first number group of each match.
sum() { { grep -oE "$1" "$2" || true; } | sed -E 's/[^0-9]*([0-9]+).*/\1/' | awk '{ s += $1 } END { print s + 0 }'; }

# ---- stages --------------------------------------------------------------------------------------

tools() {
  local -a packages=() says=()
  need() { # need WHAT PACKAGE TEST…
    local what=$1 package=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
      packages+=("$package")
      says+=("$what ($package)")
    fi
  }
  have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }
  have_chinese() { command -v fc-list && [[ -n $(fc-list :lang=zh) ]]; }
  have_venv() { python3 -c 'import venv, ensurepip'; }
  need 'a C compiler' gcc command -v cc
  need 'PostgreSQL 15' postgresql-15 have_postgres
  need 'Chromium' chromium eval 'command -v chromium || command -v google-chrome'
  need "Chromium's driver" chromium-driver command -v chromedriver
  need 'a Chinese font' fonts-noto-cjk have_chinese
  need 'Python 3' python3 command -v python3
  need "Python's venv" python3-venv have_venv
  need 'Node' nodejs command -v node
  need 'OpenSSL' openssl command -v openssl
  need 'jq' jq command -v jq
  need 'xxd' xxd command -v xxd
  need 'bc' bc command -v bc
  if [[ ${#packages[@]} -eq 0 ]]; then return; fi
  local list
  list=$(printf '%s, ' "${says[@]}")
  if $install && [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    echo "installing ${list%, }"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -q -y --no-install-recommends "${packages[@]}"
  else
    echo "SKIPPED tools: please install ${list%, }"
    if [[ ${CI:-} == true ]]; then return 1; fi
  fi
}

fmt() { cargo fmt --check; }

clippy() {
  cargo clippy --all-targets --features failpoints -- -D warnings
  cargo clippy --all-targets --no-default-features -- -D warnings
}

doc() { RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --features failpoints; }

# The pure core and the offline verifier stand without the server. The scan of the sources is tests/it/layers.
rules() {
  cargo check --no-default-features --locked
  local tree forbidden
  tree=$(cargo tree --no-default-features -e normal --prefix none)
  for forbidden in actix-web diesel handlebars tokio; do
    if grep -E "^$forbidden " <<<"$tree"; then
      echo "$forbidden is in the offline verifier's dependency tree"
      return 1
    fi
  done
}

deny() {
  # Built once (about four minutes of one core) and kept with cargo's other binaries.
  if ! command -v cargo-deny >/dev/null; then cargo install --locked cargo-deny; fi
  cargo deny check licenses bans sources
  if $deep; then cargo deny check advisories; fi
}

# One PostgreSQL for all test processes; it ends when our end of its input closes.
start_postgres() {
  coproc postgres_keeper { exec tests/postgres.sh; }
  local state rest
  read -r state rest <&"${postgres_keeper[0]}"
  if [[ $state == ready ]]; then export CHENGXIN_TEST_POSTGRES=$rest; else echo "no PostgreSQL: $rest"; fi
}

# Tests marked `#[ignore]` are measurements and long searches: --deep runs them, the quick set names their number.
test_() {
  start_postgres
  export CHENGXIN_WHOLE_CITY=1
  local out=$logs/test.out sums=$logs/test.sums code=0 p f s long
  local -a more=()
  if command -v cargo-nextest >/dev/null; then
    if $deep; then more=(--run-ignored all); fi
    cargo nextest run --features failpoints --no-fail-fast --success-output immediate "${more[@]}" >"$out" 2>&1 || code=$?
    { grep '^ *Summary' "$out" || true; } >"$sums"
    long=$(sum '[0-9]+ skipped' "$sums")
  else
    if $deep; then more=(--include-ignored); fi
    cargo test --features failpoints --lib --bins --tests --no-fail-fast -- --show-output "${more[@]}" >"$out" 2>&1 || code=$?
    { grep '^test result' "$out" || true; } >"$sums"
    long=$(sum '[0-9]+ ignored' "$sums")
  fi
  p=$(sum '[0-9]+ passed' "$sums")
  f=$(sum '[0-9]+ (failed|timed out)' "$sums")
  s=$(grep -cE '^ *SKIPPED' "$out" || true)
  count test "$p" "$f" "$s"
  if [[ $long -gt 0 ]]; then echo "NOTE $long long tests are left to --deep"; fi
  { grep -E '^ *SKIPPED|^ *[0-9]+ files: median' "$out" || true; } | sed 's/^ *//; s/^[0-9]* files/NOTE &/' | sort -u
  if [[ $code -ne 0 ]]; then
    { grep -vE '^ *(test .* ok|PASS .*|Compiling .*|SKIPPED .*)?$|^ *(PASS|Compiling) ' "$out" || true; } | tail -n 110
    return 1
  fi
  if [[ $p -eq 0 ]]; then echo 'no test ran'; return 1; fi
}

doctest() {
  cargo test --features failpoints --doc
  local log=$logs/doctest.log
  count doctest "$(sum '[0-9]+ passed' "$log")" "$(sum '[0-9]+ failed' "$log")" "$(sum '[0-9]+ ignored' "$log")"
}

# unittests STAGE FOLDER: Python tests in an environment of their own, packages pinned by hash.
unittests() {
  local name=$1 folder=$2
  if ! compgen -G "$folder/test_*.py" >/dev/null; then
    echo "there are no tests in $folder"
    return
  fi
  if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    echo "SKIPPED $name: Python with venv is not installed"
    count "$name" 0 0 1
    return
  fi
  local venv=$target/venv-$name wanted
  wanted=$(cat "$folder/requirements.txt" <(python3 --version) | sha256sum)
  if [[ $(cat "$venv/made-from" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$folder/requirements.txt"
    echo "$wanted" >"$venv/made-from"
  fi
  cargo build --features failpoints
  local out=$logs/$name.out code=0 ran bad idle
  CHENGXIN_BIN=$(realpath "$target/debug/chengxin") "$venv/bin/python" -m unittest discover -v -s "$folder" >"$out" 2>&1 || code=$?
  cat "$out"
  ran=$(sum 'Ran [0-9]+ test' "$out")
  bad=$(sum '(failures|errors)=[0-9]+' "$out")
  idle=$(sum 'skipped=[0-9]+' "$out")
  count "$name" $((ran - bad - idle)) "$bad" "$idle"
  if [[ $code -eq 0 && $ran -eq 0 ]]; then echo 'no test ran'; return 1; fi
  return "$code"
}

outsiders() { unittests outsiders tests/outsiders; }
browser() { unittests browser tests/browser; }

# The verifier of the page /verify, in Node.
script() {
  local file bad=0 good=0 version
  local -a flags=()
  if ! command -v node >/dev/null; then
    echo 'SKIPPED script: Node is not installed'
    count script 0 0 1
    return
  fi
  version=$(node -p 'process.versions.node.split(".")[0]')
  if [[ $version -lt 20 ]]; then flags=(--experimental-global-webcrypto); fi
  for file in tests/browser/*.test.mjs; do
    echo "node $file"
    if node "${flags[@]}" "$file"; then good=$((good + 1)); else bad=$((bad + 1)); fi
  done
  count script "$good" "$bad" 0
  [[ $bad -eq 0 ]]
}

stage tools tools
stage fmt fmt
stage clippy clippy
stage doc doc
stage rules rules
stage deny deny
stage test test_
stage doctest doctest
stage outsiders outsiders
stage script script
stage browser browser

# ---- the sum -------------------------------------------------------------------------------------

unrun_vectors=$(cat "$logs"/*.log 2>/dev/null | { grep -oE '^SKIPPED published vectors: .*\(([0-9]+) not run\)' || true; } |
  sed -E 's/.*\(([0-9]+) not run\)/\1/' | awk '{ s += $1 } END { print s + 0 }')
if [[ $unrun_vectors -gt 0 ]]; then
  echo "$unrun_vectors published vectors were not run: put them into ../shared/vectors or name their folder in CHENGXIN_VECTORS"
fi
printf 'whole run  %12d s\n' "$SECONDS"
if [[ ${#failures[@]} -gt 0 ]]; then echo "failed: ${failures[*]} (logs in $logs)"; fi
if [[ ${CI:-} == true && $skipped -gt 0 ]]; then
  echo 'a skip is a failure in CI'
  failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
