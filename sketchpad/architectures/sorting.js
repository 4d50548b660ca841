/**
 * Compare two cells of a table: numbers by value, words alphabetically. Empty cells come last either way.
 * @param {string} a @param {string} b @param {boolean} ascending
 */
export function compareCells(a, b, ascending) {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const difference = Number(a) - Number(b);
  const order = Number.isNaN(difference) ? a.localeCompare(b, "en", { numeric: true }) : difference;
  return ascending ? order : -order;
}
