// The record's side of the Training tab: curves, another checkpoint beside this one, images of a mistake.

const record = find(".curves");
if (record) {
  const charts = chartsIn(record, "epoch");
  const own = JSON.parse(record.dataset.history);
  const choice = find('[name="compare"]');
  const held = "training.series.validation";

  const draw = (other = [], name = "") => {
    const [mine, theirs] = [linesOf(own, (row) => row.epoch, held), linesOf(other, (row) => row.epoch, held, name)];
    charts.show(Object.fromEntries(Object.keys(mine).map((key) => [key, [...mine[key], ...theirs[key]]])));
  };

  const act = { in: () => charts.zoom(2), out: () => charts.zoom(0.5), all: charts.whole };
  for (const button of all("[data-zoom]")) button.addEventListener("click", act[button.dataset.zoom]);

  /** Offer what lies beside this page's checkpoint now; what is chosen stays chosen. */
  const offer = async () => {
    const names = await server.others(null).catch(() => null);
    if (!names) return;
    const chosen = choice.value;
    const options = names.map((name) => {
      const option = new Option(name, name);
      if (name === "trained here") option.dataset.text = "training.compare.here";
      return option;
    });
    const none = choice.options[0];
    none.dataset.text = names.length ? "training.compare.none" : "training.compare.empty";
    none.textContent = say(none.dataset.text);
    choice.replaceChildren(none, ...options);
    choice.value = names.includes(chosen) ? chosen : "";
  };

  choice.addEventListener("change", async () => {
    const name = choice.value;
    const given = name ? await server.compare(name).catch(() => null) : {};
    if (name !== choice.value) return; // another was chosen meanwhile
    problem(record, given ? (given.error ?? "") : say("training.silent"));
    find(".versus-place").innerHTML = given?.html ?? "";
    draw(given?.history, name);
  });

  draw();
  element.addEventListener("here:over", offer);
  new IntersectionObserver((seen) => seen.at(-1).isIntersecting && offer()).observe(choice);
}

function problem(section, sentence) {
  const line = section.querySelector(".problem");
  line.textContent = sentence;
  line.hidden = !sentence;
}

/** Show the images of one cell of the matrix, "written-read", or all. */
function showImages(cell) {
  const figures = all(".images figure");
  for (const figure of figures) figure.hidden = Boolean(cell) && figure.dataset.of !== cell;
  for (const button of all(".confusion [data-cell]")) button.setAttribute("aria-pressed", button.dataset.cell === cell);
  find(".misread-title button").hidden = !cell;
  const [label, predicted] = cell.split("-");
  const n = figures.filter((figure) => !figure.hidden).length;
  find(".misread .spoken").textContent = cell ? say("training.mistakes.shown", { n, label, predicted }) : "";
  find(".images").scrollTop = 0;
  find(".misread").scrollIntoView({ block: "nearest" });
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cell]");
  if (!button) return;
  const again = button.getAttribute("aria-pressed") === "true";
  showImages(again ? "" : button.dataset.cell);
  if (!button.dataset.cell) find(".images").focus({ preventScroll: true });
});
