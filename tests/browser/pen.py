"""The pad for tests: drawing with a pen, and the page's public DOM hooks."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.hand import Drawing, Stroke

SIDE = 280  # units of the hand-authored drawings


@dataclass
class Pad:
    page: Page
    canvas: str = "#pad canvas"

    def ready(self) -> None:
        self.page.wait_for_selector('#reading[data-state="blank"]', state="attached")
        self.page.wait_for_selector("[data-mounted] #pad")

    def on_page(self, stroke: Stroke) -> Stroke:
        """Pad units to page pixels."""
        area = self.page.locator(self.canvas).bounding_box()
        assert area is not None
        left, top, scale = area["x"], area["y"], area["width"] / SIDE
        return [(left + x * scale, top + y * scale) for x, y in stroke]

    def press(self, stroke: Stroke) -> None:
        """Draw a stroke and keep the pen down."""
        points = self.on_page(stroke)
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)

    def draw(self, drawing: Drawing) -> None:
        for stroke in drawing:
            self.press(stroke)
            self.page.mouse.up()

    def touch(self, drawing: Drawing) -> None:
        """Draw with a finger."""
        cdp = self.page.context.new_cdp_session(self.page)

        def send(kind: str, *points: tuple[float, float]) -> None:
            touches = [{"x": x, "y": y} for x, y in points]
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

        for stroke in drawing:
            points = self.on_page(stroke)
            send("touchStart", points[0])
            for point in points[1:]:
                send("touchMove", point)
            send("touchEnd")
        cdp.detach()

    def final(self) -> str:
        """The reading, once it is final."""
        self.page.wait_for_selector('#reading[data-state="final"]')
        return self.reading

    @property
    def reading(self) -> str:
        return self.page.locator("#reading").text_content() or ""

    @property
    def state(self) -> str | None:
        return self.page.locator("#reading").get_attribute("data-state")

    @property
    def verdict(self) -> str:
        return self.page.locator("#verdict").text_content() or ""

    def tool(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def tab(self, name: str, unfold: bool = True) -> None:
        """Open a tab, and every section of the Inside tab."""
        self.page.locator(f'[role="tab"][data-tab="{name}"]').click()
        if name == "Inside" and unfold:
            self.page.wait_for_selector("#tab-Inside [data-mounted]", state="attached")
            self.page.locator("#inside [data-section] > details").evaluate_all(
                "all => { for (const section of all) section.open = true; }"
            )

    def ink(self) -> int:
        """How many pixels of the canvas are inked, once the next frame is painted."""
        count: int = self.page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
                const canvas = document.querySelector('#pad canvas');
                // A copy is read: Chromium warns of pages that read their own canvas often.
                const copy = new OffscreenCanvas(canvas.width, canvas.height);
                const view = copy.getContext('2d', { willReadFrequently: true });
                view.drawImage(canvas, 0, 0);
                const { data } = view.getImageData(0, 0, copy.width, copy.height);
                let inked = 0;
                for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
                done(inked);
            })))"""
        )
        return count
