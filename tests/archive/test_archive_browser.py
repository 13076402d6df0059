"""The pages in a real browser without scripts: by keyboard alone, contrast, small screens."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from example_audits import audit, signer

from auditor.archive.store import create
from auditor.writers import manifest, record_json

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed (apt-get)"
)
HOSTILE = """<!DOCTYPE html><title>As it was</title>
<meta http-equiv="refresh" content="0;url=/check">
<p>Report</p><script>document.title = "script ran"; fetch("/entry/1")</script>
<img src="http://127.0.0.1:9/x.png" onerror="document.title = 'handler ran'">
<iframe src="/"></iframe>"""
CONTRAST = """
const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
const light = c => c.slice(0, 3).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = e => { for (; e; e = e.parentElement) {
  const c = parse(getComputedStyle(e).backgroundColor);
  if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
const poor = [];
for (const e of document.body.querySelectorAll("*")) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push([e.tagName, e.textContent.trim().slice(0, 40), ratio]);
}
return poor;"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where ``auditor archive serve`` answers; entry 3 has a hostile report."""
    base = tmp_path_factory.mktemp("browser")
    archive = create(base / "archive", signer(), title="Browser test")
    for name, variant in (("clothing.pt", "backdoored"), ("plants.pt", "inconclusive")):
        archive.add(audit(base / name, name, variant), signer())
    evil = audit(base / "evil", "evil.pt", "dangerous")
    (evil / "report.html").write_text(HOSTILE)
    manifest.write(record_json.read(evil), evil)
    archive.add(evil, signer())
    command = [sys.executable, "-m", "auditor", "archive", "serve", str(base / "archive")]
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        line = server.stderr.readline()
        yield line.split()[1].rstrip("/")
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium with the log of its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.set_window_size(1280, 1000)
    yield driver
    driver.quit()


def press(browser: Any, *keys: str) -> None:
    """Keys, wherever the focus is."""
    webdriver.ActionChains(browser).send_keys(*keys).perform()


def arrive(browser: Any, part: str) -> None:
    """Wait until the address holds ``part`` and the page is there."""
    ready = "return document.readyState"
    WebDriverWait(browser, 60).until(lambda b: part in b.current_url)
    if "/file/" not in part:  # scripts are off in the sandbox, also this one
        WebDriverWait(browser, 60).until(lambda b: b.execute_script(ready) == "complete")


def tab_to(browser: Any, selector: str, limit: int = 40) -> Any:
    """Press Tab until the element that a CSS selector names has the focus, and shows it."""
    for _ in range(limit):
        press(browser, Keys.TAB)
        script = "return document.activeElement.matches(arguments[0])"
        if browser.execute_script(script, selector):
            style = "return getComputedStyle(document.activeElement).outlineStyle"
            assert browser.execute_script(style) != "none", f"{selector} shows no focus"
            return browser.switch_to.active_element
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_everything_by_keyboard_alone(browser: Any, address: str) -> None:
    browser.get(address)
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the content"
    press(browser, Keys.ENTER)
    tab_to(browser, "#q", 2)
    press(browser, "clothing", Keys.ENTER)
    arrive(browser, "q=clothing")
    assert "1 audit." in browser.find_element("css selector", ".count").text
    tab_to(browser, "tbody a")
    press(browser, Keys.ENTER)
    arrive(browser, "/entry/1")
    assert browser.find_element("css selector", "h1").text == "clothing.pt"
    assert "Unchanged." in browser.find_element("css selector", ".checked").text
    tab_to(browser, "a.door")
    press(browser, Keys.ENTER)
    arrive(browser, "/file/report.html")
    WebDriverWait(browser, 60).until(lambda b: b.title.startswith("Reject: audit of clothing.pt"))


def test_filter_and_compare_by_keyboard_alone(browser: Any, address: str) -> None:
    browser.get(address)
    tab_to(browser, ".pick")
    press(browser, Keys.ENTER)
    arrive(browser, "gate=reject")
    browser.get(address)
    for _ in range(2):
        tab_to(browser, "input[type=checkbox]:not(:checked)")
        press(browser, Keys.SPACE)
    tab_to(browser, "button.quiet")
    press(browser, Keys.ENTER)
    arrive(browser, "/compare")
    assert browser.find_element("css selector", "h1").text == "Two audits compared"


def test_a_hostile_report_stays_in_its_sandbox(browser: Any, address: str) -> None:
    browser.get(f"{address}/entry/3/file/report.html")
    assert browser.title == "As it was"
    assert browser.current_url.endswith("/file/report.html")


@pytest.mark.parametrize(
    "path", ["/", "/entry/1", "/entry/0", "/compare?entry=1&entry=2", "/check"]
)
def test_contrast_and_small_screens(browser: Any, address: str, path: str) -> None:
    browser.get(address + path)
    assert browser.execute_script(CONTRAST) == []
    narrow = {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 320


def test_nothing_is_fetched_from_elsewhere(browser: Any, address: str) -> None:
    for kind in ("performance", "browser"):
        browser.get_log(kind)  # forget what the tests before asked for
    for path in ("/", "/entry/1", "/entry/1/file/report.html", "/check"):
        browser.get(address + path)
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    assert f"{address}/style.css" in asked
    assert {url for url in asked if not url.startswith((address, "data:"))} == set()
    told = [entry["message"] for entry in browser.get_log("browser")]
    assert [line for line in told if "Content Security Policy" in line] == []
