"""The main paths in real headless Chromium, on a demonstration made and served by the built binary.

CHENGXIN_BIN names the built `chengxin` (else target/debug/chengxin); CHENGXIN_SCREENSHOTS a folder for pictures
of every page at 1280 and 375 px. Every page looked at is checked for errors in the console and for a width that
makes a telephone scroll sideways.
"""
import base64, json, os, pathlib, re, selectors, shutil, subprocess, tempfile, time, unittest, urllib.request

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec
from selenium.webdriver.support.ui import Select, WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHENGXIN = pathlib.Path(os.environ.get("CHENGXIN_BIN", ROOT / "target/debug/chengxin"))
PICTURES = os.environ.get("CHENGXIN_SCREENSHOTS")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
PATIENCE = 60
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,900").split()
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def run(*words):
    said = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout


class Site:
    """One demonstration, served on a free port until `stop`."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="chengxin-browser-", ignore_cleanup_errors=True)
        self.root = pathlib.Path(self.folder.name)
        data = self.root / "registry"
        summary = run(CHENGXIN, "demo", "--no-serve", "--employers", 200, "--data", data)
        self.samples = {letter: (code, name) for letter, code, name in
                        re.findall(r"^  ([ABC])  (\w{18})  (\S+)  ", summary, re.M)}
        self.passwords = dict(re.findall(r"^  ([\w.]+) +(\w{4}(?:-\w{4}){3})  ", summary, re.M))
        records = self.root / "records.jsonl"
        run(CHENGXIN, "export", "records", "--data", data, "-o", records)
        self.recorded = records.read_text("utf-8")
        self.log = open(self.root / "server.log", "w", encoding="utf-8")
        self.server = subprocess.Popen([str(CHENGXIN), "serve", "--data", str(data), "--listen", "127.0.0.1:0"],
                                       stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.address()

    def address(self):
        with selectors.DefaultSelector() as ready:
            ready.register(self.server.stdout, selectors.EVENT_READ)
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until and ready.select(until - time.monotonic()):
                line = self.server.stdout.readline()
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
                if found:
                    return found[0]
                if not line:
                    break
        self.stop()
        raise AssertionError("the server named no address")

    def stop(self):
        self.server.terminate()
        try:
            self.server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server.stdout.close()
        self.log.close()
        said = (self.root / "server.log").read_text("utf-8")
        self.folder.cleanup()
        assert "panicked" not in said, said


SITE = None


def setUpModule():
    global SITE
    if CHROMIUM and DRIVER:
        SITE = Site()


def tearDownModule():
    if SITE:
        SITE.stop()


class Browser:
    """A Chromium with a profile of its own, and what a reader does with it."""

    def __init__(self, test, script=True):
        self.test = test
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self.downloads = pathlib.Path(self.profile.name) / "downloads"
        self.downloads.mkdir()
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={self.profile.name}/profile"):
            options.add_argument(flag)
        preferences = {"download.default_directory": str(self.downloads), "download.prompt_for_download": False}
        if not script:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        test.addCleanup(self.close)

    def close(self):
        self.driver.quit()
        self.profile.cleanup()

    def wait(self, condition, why=""):
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(condition, why)

    def open(self, path, look=None, status=200):
        self.driver.get(SITE.url + path)
        if look:
            self.look(look, status)

    @property
    def path(self):
        return self.driver.current_url.removeprefix(SITE.url)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector="main"):
        return self.one(selector).text

    def leave(self, act):
        """Does what loads another page, and waits until it is there."""
        old = self.one("html")

        def gone(_):
            try:
                return not old.tag_name
            except WebDriverException:
                return True
        act()
        self.wait(gone, "no other page came")
        self.wait(ec.presence_of_element_located((By.CSS_SELECTOR, "footer.site")), "the page did not load")

    def press(self, selector):
        self.leave(self.one(selector).click)

    def search(self, words):
        box = self.one("#q")
        box.clear()
        box.send_keys(words)
        self.press("form.search button")

    def sign_in(self, login, password=None):
        self.one("#account").clear()
        self.one("#account").send_keys(login)
        self.one("#password").send_keys(password or SITE.passwords[login])
        self.press("form[action='/sign-in'] button")

    def look(self, name, status=200):
        """No error in the console, nothing wider than a telephone, and the pictures."""
        for entry in self.driver.get_log("browser"):
            refused = f"status of {status} " in entry["message"] and status != 200
            if entry["level"] == "SEVERE" and not refused:
                self.test.fail(f"{name}: {entry['message']}")
        for width, mobile in ((1280, False), (375, True)):
            metrics = {"width": width, "height": 812 if mobile else 900, "deviceScaleFactor": 1, "mobile": mobile}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            layout = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            self.test.assertLessEqual(layout["width"], width, f"{name} scrolls sideways at {width} px")
            if PICTURES:
                clip = {"x": 0, "y": 0, "width": width, "height": min(layout["height"], 6000), "scale": 1}
                shot = {"format": "png", "captureBeyondViewport": True, "clip": clip}
                taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", shot)["data"]
                pathlib.Path(PICTURES).mkdir(parents=True, exist_ok=True)
                pathlib.Path(PICTURES, f"{name}-{width}.png").write_bytes(base64.b64decode(taken))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def fetched(self, path, form=None):
        """What the page itself would get for a request made by hand: status and text."""
        ask = """const [path, form, done] = arguments;
            const how = form ? { method: "POST", body: new URLSearchParams(form), redirect: "manual" } : {};
            fetch(path, how).then(async (answer) => done([answer.status, await answer.text()]), (error) => done([-1, String(error)]));"""
        return self.driver.execute_async_script(ask, path, form)

    def requests(self):
        """Addresses that the browser has asked for since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]


@unittest.skipUnless(CHROMIUM and DRIVER, "Chromium with chromedriver is not installed")
class MainPaths(unittest.TestCase):
    def browser(self, **how):
        return Browser(self, **how)

    def unassessed(self, browser):
        """An employer that is found but of which no record exists."""
        after = ""
        while after is not None:
            status, text = browser.fetched(f"/api/v1/employers?query=%E5%85%AC%E5%8F%B8{after}")
            self.assertEqual(status, 200, text)
            answer = json.loads(text)
            for found in answer["employers"]:
                if found["employer"]["unifiedCode"] not in SITE.recorded:
                    return found["employer"]["unifiedCode"]
            after = answer["next"] and f"&after={answer['next']}"
        self.fail("every employer was assessed")

    # What a reader finds.

    def test_search_finds_by_name_and_code(self):
        browser, (code, name) = self.browser(), SITE.samples["A"]
        browser.open("/", "home")
        browser.search(name[1:-1])
        browser.look("results")
        self.assertIn(name, [hit.text for hit in browser.all(".hit h3 a")])
        self.assertEqual(browser.text(".hit h3 mark"), name[1:-1])
        browser.leave(lambda: next(hit for hit in browser.all(".hit h3 a") if hit.text == name).click())
        self.assertEqual(browser.path, f"/employers/{code}")
        browser.open("/")
        browser.search(f" {code.lower()} ")
        self.assertEqual(browser.path, f"/employers/{code}")
        browser.open("/")
        browser.search("cq")
        self.assertTrue(browser.all(".hit"), "no name is found by its initials")
        browser.open("/")
        browser.search("没有这样的单位")
        browser.look("nothing-found")
        self.assertTrue(browser.one(".nothing").is_displayed())

    def test_search_says_at_once_what_is_wrong(self):
        browser, (code, _) = self.browser(), SITE.samples["A"]
        wrong = code[:-1] + next(letter for letter in ALPHABET if letter != code[-1])
        browser.open("/")
        browser.search(wrong)
        browser.look("wrong-check-digit", 422)
        said = browser.text("#search-notice [role=alert]")
        self.assertIn(f"“{code[-1]}”", said)
        self.assertIn(f"“{wrong[-1]}”", said)
        self.assertEqual(browser.one("#q").get_attribute("aria-invalid"), "true")
        self.assertEqual(browser.one("#q").get_attribute("value"), wrong)
        self.assertFalse(browser.all(".hit"))
        browser.search("重")
        browser.look("too-short", 422)
        self.assertTrue(browser.one("#search-notice [role=alert]").is_displayed())

    def test_search_keeps_to_a_district(self):
        browser, (_, name) = self.browser(), SITE.samples["A"]
        browser.open("/")
        Select(browser.one("#division")).select_by_value("500110")
        browser.search("公司")
        self.assertTrue(browser.all(".hit"))
        for hit in browser.all(".hit .meta"):
            self.assertIn("綦江区", hit.text)
        self.assertEqual(browser.one("#division").get_attribute("value"), "500110")

    def test_grade_is_shown_to_whom_it_may(self):
        browser = self.browser()
        browser.open(f"/employers/{SITE.samples['A'][0]}", "employer-a")
        self.assertEqual(browser.text(".grade.a b"), "A")
        self.assertTrue(browser.all("#axes li"))
        self.assertFalse(browser.all("#axes li.bad, #axes li.warn"))
        self.assertRegex(browser.text("#axes"), r"\d{2}:\d{2}:\d{2} \+08:00")

        def said(code):
            """What the page says, without what every employer has: name, code, district, industry, time."""
            for selector in (".crumb", "h1", ".id", ".asof", ".cols > div:last-child > section:last-child"):
                self.assertEqual(len(browser.all(selector)), 1, selector)
            script = r"""const copy = document.querySelector("main").cloneNode(true);
                for (const part of copy.querySelectorAll(".crumb, h1, .id, .cols > div:last-child > section:last-child")) part.remove();
                return copy.innerHTML.replace(/\s+/g, " ");"""
            return browser.driver.execute_script(script)

        code, name = SITE.samples["B"]
        browser.open(f"/employers/{code}", "employer-b-public")
        self.assertFalse(browser.all(".grade.b, .grade.a, .grade.c, a[href^='/records/'], #axes"))
        graded = said(code)
        status = browser.fetched(f"/employers/{code}")[0]
        other = self.unassessed(browser)
        browser.open(f"/employers/{other}", "employer-not-assessed")
        self.assertEqual(graded, said(other))
        self.assertEqual(status, browser.fetched(f"/employers/{other}")[0])

        browser.open("/sign-in")
        browser.sign_in(code)
        self.assertEqual(browser.path, f"/employers/{code}")
        browser.look("employer-b-own")
        self.assertEqual(browser.text(".grade.b b"), "B")
        self.assertEqual(browser.text("h1"), name)
        bundle = browser.one("a[download]").get_attribute("href").removeprefix(SITE.url)
        self.assertEqual(browser.fetched(bundle)[0], 200)
        self.assertEqual(browser.fetched("/officer")[0], 403)
        browser.press("form[action='/sign-out'] button")
        self.assertEqual(browser.fetched(bundle)[0], 404)
        browser.open(f"/employers/{code}")
        self.assertFalse(browser.all(".grade.b"))

    # What two officers do.

    def test_second_person_approves_and_publishes(self):
        code, name = SITE.samples["C"]
        proposer, approver = self.browser(), self.browser()
        approver.open(f"/employers/{code}", "employer-before-listing")
        self.assertFalse(approver.all(".badge.c, .verdict.bad"))
        before = approver.text("#blacklist")

        proposer.open("/officer")
        self.assertTrue(proposer.path.startswith("/sign-in?next="), proposer.path)
        proposer.look("sign-in-needed")
        proposer.sign_in("li.shencha")
        self.assertEqual(proposer.path, "/officer")
        proposer.look("officer-proposer")
        pending = next(link for link in proposer.all("section:first-of-type td a") if name in link.text)
        proposer.leave(pending.click)
        proposer.look("batch-proposer")
        batch = proposer.path
        self.assertIn("提案人", proposer.text("#decide .notice"))
        self.assertFalse(proposer.all("#decide form"))

        approver.open("/sign-in", "sign-in")
        approver.sign_in("wang.hezhun", "not-my-password")
        approver.look("sign-in-failed", 422)
        self.assertTrue(approver.one("#sign-in-error [role=alert]").is_displayed())
        approver.sign_in("wang.hezhun")
        approver.look("officer-approver")
        approver.open(batch, "batch-approver")
        digest = approver.one("form[action$='/approve'] [name=digest]").get_attribute("value")

        # By hand too, with the right token and digest, the proposer is refused; so is a stranger's token.
        token = proposer.one("form[action='/sign-out'] [name=csrf]").get_attribute("value")
        for step in ("approve", "reject", "publish"):
            form = {"csrf": token, "digest": digest, "read": "yes", "reason": "按规定退回"}
            status, answer = proposer.fetched(f"{batch}/{step}", form)
            self.assertEqual(status, 409 if step == "publish" else 403, step)
            self.assertIn("提案人", answer)
        status, _ = approver.fetched(f"{batch}/approve", {"csrf": token, "digest": digest, "read": "yes"})
        self.assertEqual(status, 403)
        proposer.driver.get_log("browser")
        approver.driver.get_log("browser")

        self.assertFalse(approver.all("#items, select, svg.stack"), "a single case has no list, filter or distribution")
        self.assertIn(name, approver.text("#case"))
        approver.press("#case .acts a")
        approver.look("item")
        self.assertEqual(approver.text("h1"), name)
        approver.open(batch)
        approver.one("form[action$='/approve'] button").click()
        self.assertEqual(approver.path, batch, "approved without the statement")
        approver.one("form[action$='/approve'] [name=read]").click()
        approver.press("form[action$='/approve'] button")
        approver.look("batch-approved")
        self.assertEqual(approver.path, f"{batch}?done=approved")
        self.assertFalse(approver.all("form[action$='/approve']"))
        with urllib.request.urlopen(f"{SITE.url}/employers/{code}", timeout=PATIENCE) as answer:
            self.assertNotIn("badge c", answer.read().decode(), "listed before publication")
        status, _ = proposer.fetched(f"{batch}/publish", {"csrf": token})
        self.assertEqual(status, 403, "published by who may not")
        approver.press("form[action$='/publish'] button")
        approver.look("batch-published")
        self.assertEqual(approver.path, f"{batch}?done=published")
        self.assertFalse(approver.all("#decide form"))

        approver.press("form[action='/sign-out'] button")
        approver.open(f"/employers/{code}", "employer-listed")
        self.assertFalse(approver.all("a[href='/officer']"))
        self.assertNotEqual(approver.text("#blacklist"), before)
        self.assertTrue(approver.all(".badges .badge.c"))
        self.assertTrue(approver.all("#blacklist .facts"))
        self.assertFalse(approver.all(".grade.c"), "the grade of a listed employer is not the public's")
        approver.open(batch)
        self.assertTrue(approver.path.startswith("/sign-in"), "signed out, yet the batch is shown")

    # What a stranger checks.

    def bundle(self, browser):
        """The bundle of the A sample, downloaded by its link."""
        browser.open(f"/employers/{SITE.samples['A'][0]}")
        link = browser.one("a[download]")
        self.assertRegex(link.get_attribute("href"), r"/records/[0-9a-f-]{36}/bundle$")
        link.click()
        done = lambda _: [file for file in browser.downloads.iterdir() if file.suffix == ".json"]
        return browser.wait(done, "nothing was downloaded")[0]

    def verdict(self, browser):
        browser.wait(lambda _: browser.one("#verdict").get_attribute("data-word"), "no verdict")
        return browser.one("#verdict").get_attribute("data-word")

    def test_dropped_bundle_is_verified_without_a_request(self):
        browser = self.browser()
        content = self.bundle(browser).read_text("utf-8")
        browser.open("/verify", "verify")
        browser.wait(lambda _: browser.one("#drop").is_displayed())
        entries = "return performance.getEntriesByType('resource').length"
        before = browser.driver.execute_script(entries)
        self.assertIn(f"{SITE.url}/verify", browser.requests(), "requests are not seen at all")
        drop = """const files = new DataTransfer();
            files.items.add(new File([arguments[0]], "bundle.json", { type: "application/json" }));
            document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));"""
        browser.driver.execute_script(drop, content)
        self.assertEqual(self.verdict(browser), "valid")
        # Nothing of the file is sent: whole status lists are fetched, the same for every record of these.
        browser.wait(lambda _: browser.one("#verdict").get_attribute("data-current"), "no current status")
        self.assertEqual(browser.one("#verdict").get_attribute("data-current"), "clear")
        lists = {f"{SITE.url}/status/{purpose}/1" for purpose in ("revocation", "suspension", "refresh")}
        self.assertEqual(set(browser.requests()), lists, "the page asked for something else while verifying")
        self.assertEqual(browser.driver.execute_script(entries), before + 3)
        self.assertRegex(browser.text("#verdict .sentence.good"), r"截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
        browser.look("verify-valid")
        self.assertIn(SITE.samples["A"][1], browser.text("#verdict"))
        states = {row.get_attribute("data-axis"): row.get_attribute("data-state") for row in browser.all("#verdict [data-axis]")}
        self.assertEqual(len(states), 10, states)
        self.assertLessEqual(set(states.values()), {"holds", "not-required"}, states)

    def test_record_withdrawn_since_is_told_beside_the_verdict(self):
        reader, proposer, approver = self.browser(), self.browser(), self.browser()
        reader.open("/")
        reader.search("公司")
        hit = next(hit for hit in reader.all(".hit") if hit.find_elements(By.CSS_SELECTOR, ".badge.a")
                   and hit.find_element(By.CSS_SELECTOR, "h3 a").text != SITE.samples["A"][1])
        reader.leave(hit.find_element(By.CSS_SELECTOR, "h3 a").click)
        employer = reader.path
        status, content = reader.fetched(reader.one("a[download]").get_attribute("href").removeprefix(SITE.url))
        self.assertEqual(status, 200)

        proposer.open("/sign-in")
        proposer.sign_in("li.shencha")
        proposer.open(employer)
        proposer.press("a[href$='/change']")
        proposer.one("input[value='withdraw-court']").click()
        proposer.one("#reason").send_keys("法院判决撤销该评价")
        proposer.one("#document").send_keys("（2026）渝01行终12号")
        proposer.press("main form[method=post] button")
        batch = proposer.path.split("?")[0]
        approver.open("/sign-in")
        approver.sign_in("wang.hezhun")
        approver.open(batch, "batch-withdrawal")
        self.assertTrue(approver.all("#case .acts a[href^='/records/']"), "the record is not a click away")
        self.assertIn("（2026）渝01行终12号", approver.text("#case"))
        approver.one("form[action$='/approve'] [name=read]").click()
        approver.press("form[action$='/approve'] button")
        approver.press("form[action$='/publish'] button")

        reader.open("/verify")
        reader.wait(lambda _: reader.one("#drop").is_displayed())
        file = reader.downloads / "before.json"
        file.write_text(content, "utf-8")
        reader.one("#file").send_keys(str(file))
        self.assertEqual(self.verdict(reader), "valid")
        reader.wait(lambda _: reader.one("#verdict").get_attribute("data-current"), "no current status")
        self.assertEqual(reader.one("#verdict").get_attribute("data-current"), "revoked")
        first = reader.one("#verdict .sentence")
        self.assertIn("bad", first.get_attribute("class"))
        self.assertIn("现已撤销", first.text)
        self.assertTrue(reader.all("#verdict .sentence.good"), "the file's own verdict is gone")
        reader.look("verify-withdrawn-since")

    def test_chosen_file_is_verified_without_a_network(self):
        browser = self.browser()
        file = self.bundle(browser)
        browser.open("/verify")
        browser.wait(lambda _: browser.one("#drop").is_displayed())
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        browser.driver.execute_cdp_cmd("Network.enable", {})
        browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        browser.one("#file").send_keys(str(file))
        self.assertEqual(self.verdict(browser), "valid")
        browser.wait(lambda _: browser.text("#verdict .current"), "nothing is said of the current status")
        self.assertIn("未能取得当前状态", browser.text("#verdict .current"))

    def test_one_flipped_character_is_never_valid(self):
        browser = self.browser()
        file = self.bundle(browser)
        content = file.read_text("utf-8")
        grade = content.index('"grade":"A"') + len('"grade":"')
        proof = content.index('"proofValue":"', grade) + len('"proofValue":"') + 20
        places = {grade, proof, content.index('"'), len(content) // 3, len(content) * 2 // 3}
        for place in sorted(places):
            with self.subTest(near=content[max(0, place - 20):place + 20]):
                browser.open("/verify")
                browser.wait(lambda _: browser.one("#drop").is_displayed())
                other = "B" if content[place] != "B" else "C"
                damaged = browser.downloads / f"damaged-{place}.json"
                damaged.write_text(content[:place] + other + content[place + 1:], "utf-8")
                browser.one("#file").send_keys(str(damaged))
                word = self.verdict(browser)
                self.assertIn(word, {"invalid"} if place in (grade, proof) else {"invalid", "unverifiable"})
                if place == grade:
                    browser.look("verify-invalid")

    # For whom the site is.

    def test_english_and_large_text_stay(self):
        browser, (code, _) = self.browser(), SITE.samples["A"]
        browser.open("/")
        size = lambda: float(browser.one("body").value_of_css_property("font-size").removesuffix("px"))
        normal = size()
        self.assertEqual(browser.one("html").get_attribute("lang"), "zh-Hans")
        browser.press(".strip a[lang=en]")
        browser.look("home-english")
        self.assertEqual(browser.one("html").get_attribute("lang"), "en")
        for path, name in ((f"/employers/{code}", "employer-a-english"), ("/sign-in", "sign-in-english"),
                           ("/verify", "verify-english"), ("/trust", "trust-english")):
            browser.open(path, name)
            self.assertEqual(browser.one("html").get_attribute("lang"), "en")
            for heading in browser.all("h2"):
                self.assertRegex(heading.text, r"^[ -~’]+$", f"{name} is not all English")
        browser.press(".strip a[lang^=zh]")
        self.assertEqual(browser.one("html").get_attribute("lang"), "zh-Hans")
        browser.press(".strip a[href*='mode=large']")
        browser.look("trust-large")
        self.assertGreater(size(), normal * 1.15)
        browser.open(f"/employers/{code}", "employer-a-large")
        self.assertGreater(size(), normal * 1.15)
        browser.open("/", "home-large")
        browser.press(".strip a[href*='mode=']")
        self.assertEqual(size(), normal)

    def test_without_script_search_and_sign_in_work(self):
        browser, (code, name) = self.browser(script=False), SITE.samples["B"]
        browser.open("/verify", "verify-no-script")
        self.assertTrue(browser.one("noscript .notice").is_displayed(), "scripts are on")
        self.assertFalse(browser.one("#verifier").is_displayed())
        browser.open("/")
        browser.search(name[1:-1])
        self.assertIn(name, [hit.text for hit in browser.all(".hit h3 a")])
        browser.open("/sign-in")
        browser.sign_in(code)
        browser.look("employer-b-no-script")
        self.assertEqual(browser.text(".grade.b b"), "B")
        self.assertFalse(browser.one("[data-print]").is_displayed())
        browser.press("form[action='/sign-out'] button")
        self.assertTrue(browser.one("a[href='/sign-in']").is_displayed())

    def test_other_pages_are_sound(self):
        browser = self.browser()
        browser.open("/trust", "trust")
        browser.open("/employers/911100001000000000", "not-found", 404)
        self.assertTrue(browser.one(".error-page h1").is_displayed())


if __name__ == "__main__":
    unittest.main()
