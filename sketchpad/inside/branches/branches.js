// Skip against branch: the norms of every block, and the prediction with some of the branches switched off.
import { setText, within } from "../../ui/dom.js";
import { decimal, significant } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { isSame, predictionText, showComparison } from "../prediction.js";

/** @import { BranchesResponse, MountSection } from "../types" */

/** @type {MountSection} */
export function mount(element, { request, refresh }) {
  const { find, all } = within(element);
  const blocks = all("[data-block]").map((row) => ({ row, toggle: row.querySelector("input") }));
  const reset = find(".reset");
  const blocksOff = () => blocks.filter(({ toggle }) => toggle?.checked === false);

  /** @param {BranchesResponse} response */
  function showNorms({ shares }) {
    const largest = Math.max(...shares.flatMap(({ skip, branch }) => [skip ?? 0, branch])) || 1;
    blocks.forEach(({ row, toggle }, i) => {
      for (const cell of row.querySelectorAll("[data-share]")) {
        const key = /** @type {"skip" | "branch" | "cosine"} */ (cell.dataset.share);
        const value = shares[i]?.[key] ?? null;
        const bar = cell.querySelector("i");
        const text = key === "cosine" ? decimal(value ?? 0) : significant(value ?? 0);
        cell.querySelector("b").textContent = value === null ? "–" : text;
        if (key === "cosine") {
          bar.style.left = `${50 + 50 * Math.min(0, value ?? 0)}%`;
          bar.style.width = `${50 * Math.abs(value ?? 0)}%`;
          bar.classList.toggle("against", (value ?? 0) < 0);
        } else bar.style.width = `${(100 * (value ?? 0)) / largest}%`;
      }
      row.classList.toggle("off", toggle?.checked === false);
    });
  }

  /** @param {BranchesResponse} response */
  function showSentence({ before, after }) {
    const names = blocksOff().map(({ row }) =>
      say("branches.block", JSON.parse(row.querySelector("h4").dataset.values)),
    );
    const same = isSame(before, after);
    const key = !names.length ? "branches.whole" : same ? "branches.same" : "branches.changed";
    const values = {
      names: names.join(say("branches.and")),
      before: predictionText(before),
      after: predictionText(after),
    };
    setText(find(".change"), say(key, values));
    find(".change").classList.toggle("changed", names.length > 0 && !same);
  }

  element.addEventListener("change", refresh);
  reset.addEventListener("click", () => {
    const toggles = blocks.flatMap(({ toggle }) => toggle ?? []);
    for (const toggle of toggles) toggle.checked = true;
    toggles[0]?.focus(); // the button is disabled next and would lose the focus
    refresh();
  });

  return async (digit) => {
    if (!digit) return;
    const response = await request({
      image: digit.image,
      off: blocksOff().map(({ row }) => row.dataset.block),
    });
    showNorms(response);
    const changed = blocksOff().length > 0;
    showComparison(find(".comparison"), response, changed);
    reset.disabled = !changed;
    showSentence(response);
  };
}
