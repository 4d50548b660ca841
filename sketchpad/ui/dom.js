// Small helpers for a component's element.

/**
 * `find` and `all` within an element. A selector that matches nothing is a bug in the page.
 * @param {HTMLElement} root
 */
export function within(root) {
  return {
    /**
     * @param {string} selector
     * @returns {any} the first match, of whatever element type the selector names
     */
    find: (selector) => root.querySelector(selector),
    /** @param {string} selector @returns {any[]} */
    all: (selector) => [...root.querySelectorAll(selector)],
  };
}

/**
 * A new element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {(Node | string)[]} children
 */
export function create(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/**
 * A new SVG element with attributes and children.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * Set an element's text only if it differs: a live region announces every change.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A canvas's 2D context.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export const context2d = (canvas, settings) =>
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));

/**
 * Draw a square greyscale image (bytes in base64) on a canvas of the same size; black if there is none.
 * @param {HTMLCanvasElement} canvas
 * @param {string} [image]
 */
export function drawGrey(canvas, image) {
  const pixels = new ImageData(canvas.width, canvas.width);
  const bytes = image ? atob(image) : "";
  for (let i = 0; i < canvas.width ** 2; i++) {
    pixels.data.fill(image ? bytes.charCodeAt(i) : 0, 4 * i, 4 * i + 3);
    pixels.data[4 * i + 3] = 255;
  }
  context2d(canvas).putImageData(pixels, 0, 0);
}

/**
 * Call `listener` with the clicked element inside `root` that matches `selector` at that time.
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {(element: any) => void} listener
 */
export function onClick(root, selector, listener) {
  root.addEventListener("click", ({ target }) => {
    const element = target instanceof Element ? target.closest(selector) : null;
    if (element && root.contains(element)) listener(element);
  });
}

/**
 * Show a sentence in an element, or hide the element if the sentence is empty.
 * @param {HTMLElement} line
 * @param {string} sentence
 */
export function showNotice(line, sentence) {
  line.textContent = sentence;
  line.hidden = !sentence;
}

/**
 * Call `listener` when the theme changes, so that canvases are painted in its colours.
 * @param {() => void} listener
 */
export function onThemeChange(listener) {
  new MutationObserver(listener).observe(document.body, { attributeFilter: ["class"] });
}

/**
 * Call `listener(visible)` when an element becomes visible or hidden, as on a change of tab.
 * @param {HTMLElement} element
 * @param {(visible: boolean) => void} listener
 */
export function onVisibilityChange(element, listener) {
  new IntersectionObserver((entries) => listener(Boolean(entries.at(-1)?.isIntersecting))).observe(element);
}

/**
 * Mark the sides at which a row that scrolls sideways hides something: page.css fades them.
 * @param {HTMLElement} row
 */
export function markOverflow(row) {
  const update = () => {
    const { scrollLeft, clientWidth, scrollWidth } = row;
    row.dataset.more = hiddenSides(scrollLeft, clientWidth, scrollWidth);
  };
  row.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(row);
  new MutationObserver(update).observe(row, { childList: true, subtree: true });
  update();
}

/**
 * "left", "right", "both" or "".
 * @param {number} scrolled @param {number} visible @param {number} whole in px
 */
export function hiddenSides(scrolled, visible, whole) {
  const [left, right] = [scrolled > 1, scrolled + visible < whole - 1];
  if (left) return right ? "both" : "left";
  return right ? "right" : "";
}

/**
 * Match a square canvas's resolution to its size on the screen; `paint` is called after every change.
 * @param {HTMLCanvasElement} canvas
 * @param {() => void} paint
 */
export function keepSharp(canvas, paint) {
  new ResizeObserver(() => {
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!side || side === canvas.width) return; // a hidden tab has no size
    canvas.width = canvas.height = side;
    paint();
  }).observe(canvas);
}

/**
 * Copy a text to the clipboard; false where that is not allowed, or on a page that is not secure.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Offer a text or blob as a file to download.
 * @param {string} name
 * @param {BlobPart} content
 * @param {string} type
 */
export function download(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
