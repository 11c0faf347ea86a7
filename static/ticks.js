// Ticked rows: "all on this page", the bar of what may be done to them, Shift for a range.
import { $, $$ } from "./dom.js";

let last = null;

function sync(place = document) {
  const bar = $("[data-bulk]", place), all = $("[data-all]", place), rows = $$("[data-row]", place);
  if (all) all.hidden = false;
  const ticked = rows.filter((row) => row.checked);
  for (const row of rows) row.closest("tr").classList.toggle("sel", row.checked);
  if (all) {
    all.checked = rows.length > 0 && ticked.length === rows.length;
    all.indeterminate = ticked.length > 0 && !all.checked;
  }
  if (!bar) return;
  const count = $("[data-count]", bar);
  bar.hidden = !ticked.length;
  $("[data-clear]", bar).hidden = false;
  count.textContent = count.dataset.count.replace("{n}", ticked.length);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const row of $$("[data-row]")) row.checked = event.target.checked;
  if (event.target.matches("[data-all], [data-row]")) sync();
});
document.addEventListener("click", (event) => {
  if (event.target.matches("[data-clear]")) {
    for (const row of $$("[data-row]")) row.checked = false;
    sync();
  }
  if (!event.target.matches("[data-row]")) return;
  const rows = $$("[data-row]"), here = rows.indexOf(event.target), from = rows.indexOf(last);
  if (event.shiftKey && from >= 0) for (const row of rows.slice(Math.min(here, from), Math.max(here, from) + 1)) row.checked = event.target.checked;
  last = event.target;
  sync();
});
document.addEventListener("swapped", () => sync());
sync();
