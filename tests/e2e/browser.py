"""Headless Chromium over the WebDriver protocol (W3C), spoken with the standard library only."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's reference, as the standard has it
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Shift": "\ue008", "Left": "\ue012", "Up": "\ue013",
        "Right": "\ue014", "Down": "\ue015", "Space": " "}


class Browser:
    """One browser window; closes with close()."""

    def __init__(self, width=1280, height=800):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            self.address = "http://127.0.0.1:" + self.port()
            self.session = "/session/" + self.call("POST", "/session", self.wishes())["sessionId"]
        except BaseException:
            self.stop()
            raise
        self.ask("POST", "/url", {"url": "about:blank"})  # the first page is Chromium's own
        self.log("performance")
        self.resize(width, height)

    def port(self):
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return found.group(1)
        raise RuntimeError("chromedriver did not start")

    def wishes(self):
        arguments = ["--headless=new", "--disable-gpu", "--no-first-run", "--force-device-scale-factor=1",
                     "--disable-dev-shm-usage", "--user-data-dir=" + self.folder.name]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's sandbox refuses root
        return {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments}}}}

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.address + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback, whatever the environment says
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def ask(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def cdp(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name, media=""):
        """`dark` or `light`; media `print` shows the page as on paper."""
        self.cdp("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def scripts(self, on):
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def open(self, path):
        self.ask("POST", "/url", {"url": path.as_uri()})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def element(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})

    def click(self, selector):
        """As a mouse does: in the middle of what is drawn."""
        self.click_at(*self.run("""const r = document.querySelector(arguments[0]).getBoundingClientRect();
                                   return [r.x + r.width / 2, r.y + r.height / 2];""", selector))

    def click_at(self, x, y):
        self.pointer([{"type": "pointerMove", "x": round(x), "y": round(y)}, {"type": "pointerDown", "button": 0},
                      {"type": "pointerUp", "button": 0}])

    def drag(self, x, y, to_x, to_y):
        self.pointer([{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
                      {"type": "pointerMove", "x": to_x, "y": to_y, "duration": 100}, {"type": "pointerUp", "button": 0}])

    def pointer(self, actions):
        self.ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": actions}]})

    def wheel(self, x, y, delta):
        self.ask("POST", "/actions", {"actions": [{"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": delta}]}]})

    def press(self, *keys):
        """Keys one after another, wherever the focus is: names as in KEYS, or letters."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def log(self, kind):
        """`browser`: the console; `performance`: what the network did; since the last time it was asked for."""
        return self.ask("POST", "/se/log", {"type": kind})

    def requests(self):
        """The addresses of all that was asked for since the last time."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path, whole=False):
        answer = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self):
        return base64.b64decode(self.cdp("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def close(self):
        self.ask("DELETE", "")
        self.stop()

    def stop(self):
        self.driver.terminate()
        self.driver.wait()
        self.driver.stdout.close()
        self.folder.cleanup()
