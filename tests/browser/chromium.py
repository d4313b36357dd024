"""A headless Chromium, spoken to over a pipe in its own protocol: no driver and no port.

Protocol: https://chromedevtools.github.io/devtools-protocol/; messages are JSON, each ended by a zero byte.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Seconds an answer may take; a machine with much to do is slow to start a browser.
PATIENCE = 600.0
#: Descriptors at which Chromium reads and writes, and where ours are out of their way.
THEIRS, ABOVE = (3, 4), 20


def chromium() -> str | None:
    """The program, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page.

    Attributes:
        events: Everything that happened since the last page was opened: ``(method, parameters)``.
    """

    def __init__(self, folder) -> None:
        theirs_in, self.out = os.pipe()
        self.back, theirs_out = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, ABOVE) for end in (theirs_in, theirs_out)]
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        self.process = subprocess.Popen(
            [chromium(), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=THEIRS,
            # the pipe must lie at the two descriptors that Chromium knows; nothing else runs in this process
            preexec_fn=lambda: [os.dup2(end, at) for end, at in zip(ends, THEIRS, strict=True)],  # noqa: PLW1509
        )
        for end in (theirs_in, theirs_out, *ends):
            os.close(end)
        self.read, self.number, self.session, self.events = b"", 0, None, []
        page = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        """Send a command and wait for its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self._until(lambda found: found.get("id") == self.number)["result"]

    def open(self, path, *, theme="light", width=1180, media="screen"):
        """Open a file and wait until it is loaded."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                 mobile=width < 600)  # fmt: skip
        scheme = [{"name": "prefers-color-scheme", "value": theme}]
        self.ask("Emulation.setEmulatedMedia", media=media, features=scheme)
        self.ask("Page.setBypassCSP", enabled=True)  # for the script that checks the page; the page needs none
        self.events.clear()
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            self._take(self._message())

    def value(self, script):
        """What a script comes to, waited for."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def close(self) -> None:
        """End it, and everything it started."""
        try:
            self.session = None
            self.ask("Browser.close")
        finally:
            self.process.wait(timeout=PATIENCE)
            os.close(self.out)
            os.close(self.back)

    def _until(self, fits):
        while True:
            found = self._message()
            if fits(found):
                assert "error" not in found, found["error"]
                return found
            self._take(found)

    def _take(self, found) -> None:
        if "method" in found:
            self.events.append((found["method"], found["params"]))

    def _message(self):
        ends = time.monotonic() + PATIENCE
        while b"\0" not in self.read:
            assert select.select([self.back], [], [], max(0.0, ends - time.monotonic()))[0], "no answer in time"
            more = os.read(self.back, 1 << 20)
            assert more, "the browser ended"
            self.read += more
        found, self.read = self.read.split(b"\0", 1)
        return json.loads(found)
