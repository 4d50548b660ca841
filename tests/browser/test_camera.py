"""The live camera: its frames are read, one becomes the picture; it stops, and says why it cannot start."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.browser.conftest import listen
from tests.browser.hand import DIGITS, moved
from tests.browser.pen import Pad
from tests.browser.serve import FLAGS, find_chromium

FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
Start = Callable[..., Pad]


@pytest.fixture
def start(browser: Browser, server: str) -> Iterator[Start]:
    """Opens the page in a browser with these flags, draws a 3 and presses the camera's button."""
    chromiums: list[Browser] = []
    problems: list[str] = []

    def open_and_press(*flags: str, address: str = server) -> Pad:
        chromium = browser.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])
        chromiums.append(chromium)
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        listen(page, address, problems)
        page.goto(address)
        pad = Pad(page)
        pad.ready()
        pad.draw(DIGITS[3]["round"])
        assert pad.final() == "3"
        press(pad)
        return pad

    yield open_and_press
    for chromium in chromiums:
        chromium.close()
    assert problems == []


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a sheet with 2026 that moves a little."""
    path = tmp_path_factory.mktemp("video") / "digits.mjpeg"
    with path.open("wb") as film:
        for shift in [*range(0, 60, 4), *range(60, 0, -4)]:
            frame = Image.new("RGB", (1280, 720), (225, 225, 225))
            for place, label in enumerate((2, 0, 2, 6)):
                drawing = next(iter(DIGITS[label].values()))
                for stroke in moved(drawing, 0.9, 60 + 270 * place + shift, 200 + shift / 2):
                    ImageDraw.Draw(frame).line(stroke, fill=(40, 40, 40), width=12, joint="curve")
            file = io.BytesIO()
            frame.save(file, "JPEG", quality=90)
            film.write(file.getvalue())
    return path


def press(pad: Pad) -> None:
    pad.page.locator('[data-start="camera"]').click()


def is_on(pad: Pad) -> bool:
    return pad.page.locator("#pad video").is_visible()


def number(pad: Pad) -> int:
    return int(pad.page.locator("#reading").get_attribute("data-seq") or 0)


def notice(pad: Pad) -> str:
    pad.page.wait_for_selector(".notice:visible")
    pad.page.wait_for_timeout(400)  # until the permission is no longer waited for
    return pad.page.locator(".notice").text_content() or ""


def test_frames_are_read_and_one_is_taken(start: Start, video: Path) -> None:
    pad = start(*FAKE, f"--use-file-for-fake-video-capture={video}")
    pad.page.locator("#reading").get_by_text("2026").wait_for()
    assert (pad.state, is_on(pad)) == ("provisional", True)
    labels, top, bottom = pad.page.evaluate(
        """() => {
            const place = (selector) => document.querySelector(selector).getBoundingClientRect();
            const [pad, box] = [place('#pad'), place('.box rect')];
            const labels = [...document.querySelectorAll('.box text')].map((text) => text.textContent);
            return [labels, (box.top - pad.top) / pad.height, (box.bottom - pad.top) / pad.height];
        }"""
    )
    assert labels == ["2", "0", "2", "6"]
    assert 0.3 < top < bottom < 0.7  # over the digits on the video, which is wider than high
    before = number(pad)
    pad.page.wait_for_timeout(3000)
    assert number(pad) - before >= 8  # alone on two cores: 10 a second
    pad.tool("Take this frame")
    assert pad.final() == "2026"
    assert not is_on(pad)
    pad.page.locator(".steps summary").click()
    pad.page.locator('[data-step="raw"] p').filter(has_text="1280 × 720").wait_for()
    pad.page.keyboard.press("Control+z")
    pad.page.locator("#reading").get_by_text("3", exact=True).wait_for()


def test_it_stops_and_the_drawing_comes_back(start: Start) -> None:
    pad = start(*FAKE)
    pad.page.wait_for_selector("#pad video:visible")
    before = number(pad)
    pad.page.wait_for_function(
        "before => Number(document.querySelector('#reading').dataset.seq) > before", arg=before
    )
    pad.tool("Stop")
    assert (pad.final(), is_on(pad)) == ("3", False)
    assert pad.page.evaluate("document.activeElement.dataset.start") == "camera"
    press(pad)
    pad.page.wait_for_selector("#pad video:visible")
    pad.tab("Training")
    pad.tab("Draw")
    pad.page.wait_for_selector("#pad video", state="hidden")
    assert pad.final() == "3"
    press(pad)
    pad.page.wait_for_selector("#pad video:visible")
    pad.page.evaluate(
        """() => {
            Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    pad.page.wait_for_selector("#pad video", state="hidden")
    press(pad)
    pad.page.wait_for_selector("#pad video:visible")
    pad.page.locator('[data-example="seven"]').click()  # what is drawn takes the camera's place
    pad.page.wait_for_selector("#pad video", state="hidden")
    pad.page.locator("#reading").get_by_text("7", exact=True).wait_for()


def test_a_camera_that_vanishes_is_told(start: Start) -> None:
    pad = start(*FAKE)
    pad.page.wait_for_selector("#pad video:visible")
    pad.page.evaluate(
        """() => document.querySelector('#pad video').srcObject.getVideoTracks()[0]
            .dispatchEvent(new Event('ended'))"""
    )
    assert notice(pad) == "The camera was disconnected."
    assert (pad.final(), is_on(pad)) == ("3", False)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--use-fake-device-for-media-stream", "--deny-permission-prompts"], "The camera is blocked"),
        (["--deny-permission-prompts"], "No camera was found."),
    ],
    ids=["refused", "none"],
)
def test_a_camera_that_cannot_start_is_told(start: Start, flags: list[str], said: str) -> None:
    pad = start(*flags)
    assert notice(pad).startswith(said)
    assert (pad.state, pad.reading, is_on(pad)) == ("final", "3", False)
    pad.page.keyboard.press("Delete")
    pad.draw(DIGITS[7]["plain"])
    assert pad.final() == "7"


def test_an_insecure_page_says_so(start: Start, server: str) -> None:
    address = server.replace("127.0.0.1", "sketchpad.test")
    pad = start(*FAKE, "--host-resolver-rules=MAP sketchpad.test 127.0.0.1", address=address)
    assert notice(pad).startswith("Browsers allow the camera only on secure pages")
    assert pad.reading == "3"


def test_a_frame_that_forbids_the_camera_says_so(start: Start, server: str) -> None:
    pad = start(*FAKE)
    pad.page.goto(f"{server}health")
    pad.page.set_content(
        f"""<iframe src="{server}" allow="camera 'none'" width="1200" height="800"></iframe>"""
    )
    frame = pad.page.frame_locator("iframe")
    frame.locator("[data-mounted] #pad").wait_for()
    frame.locator('[data-start="camera"]').click()
    frame.locator(".notice").filter(has_text="does not let it use the camera").wait_for()
