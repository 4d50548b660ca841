// The page's sentences: elements name theirs with data-text (and data-text-label, data-text-title),
// and this fills them in, in the visitor's language, whenever they appear or the language changes.
// `window.sketchpad` is what the tabs' scripts share.

(() => {
  const texts = window.sketchpadTexts;
  const attributes = { text: null, textLabel: "aria-label", textTitle: "title" };
  const selector = "[data-text], [data-text-label], [data-text-title]";

  function preferred() {
    for (const wish of [remembered(), ...navigator.languages]) {
      if (wish in texts) return wish;
      if (/^zh\b.*(hant|tw|hk|mo)/i.test(wish)) return "zh-Hant";
      if (/^zh\b/i.test(wish)) return "zh-Hans";
      if (/^en\b/i.test(wish)) return "en";
    }
    return "en";
  }

  // Storage is refused to a page inside somebody else's frame; the choice then lasts for the visit.
  function remembered() {
    try {
      return localStorage.getItem("sketchpad-language");
    } catch {
      return null;
    }
  }

  function remember(language) {
    try {
      localStorage.setItem("sketchpad-language", language);
    } catch {
      // Nothing lost but the memory of it.
    }
  }

  function say(key, values = {}) {
    const sentence = texts[language][key] ?? texts.en[key] ?? key;
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  function fill(node) {
    const values = node.dataset.values ? JSON.parse(node.dataset.values) : {};
    for (const [name, attribute] of Object.entries(attributes)) {
      if (!(name in node.dataset)) continue;
      const sentence = say(node.dataset[name], values);
      if (attribute) node.setAttribute(attribute, sentence);
      else if (node.textContent !== sentence) node.textContent = sentence;
    }
  }

  function fillAll(root) {
    if (root.matches?.(selector)) fill(root);
    root.querySelectorAll(selector).forEach(fill);
    for (const tab of document.querySelectorAll('[role="tab"][id^="tab-"]')) {
      const name = tab.id.slice("tab-".length, -"-button".length);
      tab.dataset.tab = name;
      if (tab.textContent.trim() !== say(`tab.${name}`)) tab.textContent = say(`tab.${name}`);
    }
    for (const choice of document.querySelectorAll("#language")) choice.value = language;
  }

  function speak(next) {
    language = next;
    document.documentElement.lang = language;
    document.title = say("page.title");
    fillAll(document);
    document.dispatchEvent(new Event("sketchpad:language"));
  }

  /** Square grey bytes in base64, a model image for one, on a canvas of that size; black where there are none. */
  function drawGrey(canvas, image) {
    const picture = new ImageData(canvas.width, canvas.width);
    const bytes = image ? atob(image) : "";
    for (let i = 0; i < canvas.width ** 2; i++) {
      picture.data.fill(image ? bytes.charCodeAt(i) : 0, 4 * i, 4 * i + 3);
      picture.data[4 * i + 3] = 255;
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  let language = preferred();
  window.sketchpad = { say, drawGrey };
  document.addEventListener("change", (event) => {
    if (event.target.id !== "language") return;
    remember(event.target.value);
    speak(event.target.value);
  });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) fillAll(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  // Gradio sets the document's language to its own choice once it has loaded.
  new MutationObserver(() => {
    if (document.documentElement.lang !== language) document.documentElement.lang = language;
  }).observe(document.documentElement, { attributeFilter: ["lang"] });
  document.documentElement.lang = language;
})();
