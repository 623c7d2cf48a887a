# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real headless browser that records the requests and console messages of a page."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
import typing as t
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
# Generous, for a busy machine; on an idle one it takes half a second.
SECONDS = 15

_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """A browser with one page."""

    def __init__(self, profile: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        if os.geteuid() == 0:  # whose processes Chromium's sandbox does not take
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self._width = 0

    def send_command(self, command: str, **params: t.Any) -> dict[str, t.Any]:
        return self.driver.execute_cdp_cmd(command, params)

    def look(self, width: int = 1100, height: int = 1400, scheme: str = "light", script: bool = True) -> None:
        """Set screen, color scheme and scripting for the next page."""
        self._width = width
        self.send_command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        self.send_command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.send_command("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, path: Path) -> None:
        """Open a page and wait until it is laid out for the screen, which on a busy machine is after it is loaded."""
        self.complaints()
        self.requests()
        self.driver.get(path.as_uri())
        WebDriverWait(self.driver, SECONDS).until(
            lambda _driver: self._is_laid_out(), "the page was not laid out for the screen"
        )

    def _is_laid_out(self) -> bool:
        layout = self.send_command("Page.getLayoutMetrics")
        return layout["cssLayoutViewport"]["clientWidth"] == self._width and layout["cssContentSize"]["width"] > 0

    def complaints(self) -> list[str]:
        """Return the console messages since the last call."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the requests since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]

    def picture(self, path: Path, highest: int = 3000) -> None:
        """Save a screenshot of the page from its top."""
        size = self.send_command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], highest), "scale": 1}
        shot = self.send_command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def clipboard(self) -> str:
        """Return the text in the clipboard."""
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self.send_command("Browser.grantPermissions", origin="file://", permissions=allowed)
        script = "const done = arguments[0]; navigator.clipboard.readText().then(done, error => done(String(error)));"
        return str(self.driver.execute_async_script(script))

    def paper(self) -> bytes:
        """Print the page; return the PDF."""
        return base64.b64decode(self.send_command("Page.printToPDF", printBackground=False)["data"])


@pytest.fixture(scope="session")
def browser() -> t.Iterator[Browser]:
    """Start the browser once. Without one, these tests are skipped."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("no chromium and chromedriver on this machine: the report was NOT looked at in a browser")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        started = Browser(profile)
        try:
            yield started
        finally:
            started.driver.quit()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of screenshots: FOTA_PICTURES, if that is set."""
    place = os.environ.get("FOTA_PICTURES")
    if not place:
        return tmp_path_factory.mktemp("pictures")
    Path(place).mkdir(parents=True, exist_ok=True)
    return Path(place)
