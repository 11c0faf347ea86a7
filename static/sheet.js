// The table of injects as a sheet: Enter, arrows, paste, rows added, moved, copied and dropped without a turn to the server.
// Without this file every row has buttons that do the same.
import { $, $$ } from "./dom.js";
import { listen } from "./sheetkeys.js";
import { cloned, grow } from "./sheetrows.js";

const form = $("[data-sheet]");
if (form) start(form);

function start(form) {
  const body = $("tbody", form);
  const rows = () => [...body.rows];
  const first = new Map(rows().map((row) => [row, state(row)]));
  const wasOrder = order();
  let fresh = 0;

  function state(row) {
    return JSON.stringify($$("textarea, select, input:not([type=hidden])", row).map((field) => (field.type === "checkbox" ? field.checked : field.value)));
  }
  function order() {
    return rows().map((row) => row.dataset.key).join();
  }
  const isChanged = (row) => form.hasAttribute("data-changed") || !first.has(row) || first.get(row) !== state(row);

  function count() {
    const changed = rows().filter((row) => !row.classList.contains("fixed") && isChanged(row)).length;
    const told = $("[data-changed-count]", form);
    told.dataset.plain ??= told.textContent;
    told.textContent = changed || order() !== wasOrder ? told.dataset.changedCount.replace("{n}", changed) : told.dataset.plain;
  }

  function at(field) {
    const row = field.closest("tr");
    return { row, cell: field.closest("td").cellIndex };
  }
  function go(row, cell, select = true) {
    const field = row?.cells[cell] && $(".cell, input[type=checkbox]", row.cells[cell]);
    if (!field) return false;
    field.focus();
    if (select && field.select) field.select();
    field.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }
  function step(field, down, select = true) {
    const { row, cell } = at(field);
    let next = row;
    do next = down ? next.nextElementSibling : next.previousElementSibling;
    while (next?.classList.contains("fixed"));
    return go(next, cell, select);
  }

  function nextNumber() {
    const numbers = $$('[name$=".number"]', body).map((field) => Number(field.value)).filter(Number.isInteger);
    return String(Math.max(0, ...numbers) + 1);
  }

  function add(after, copied) {
    const model = after.classList.contains("fixed") ? rows().find((row) => !row.classList.contains("fixed")) : after;
    if (!model) return null;
    let key;
    do key = `n${1000 + ++fresh}`;
    while ($(`[data-key="${key}"]`, body));
    const row = cloned(model, key, copied);
    $(`[name="${key}.number"]`, row).value = nextNumber();
    after.after(row);
    touch();
    return row;
  }
  function move(row, down) {
    const other = down ? row.nextElementSibling : row.previousElementSibling;
    if (!other) return;
    if (down) other.after(row);
    else other.before(row);
    touch();
  }
  function drop(row) {
    const box = $('[name$=".drop"]', row);
    if (!box) return;
    box.checked = !box.checked;
    mark(row);
    touch();
  }
  function mark(row) {
    row.classList.toggle("gone", Boolean($('[name$=".drop"]', row)?.checked));
  }
  function touch() {
    form.dispatchEvent(new Event("input", { bubbles: true }));
    $(".cell", form)?.dispatchEvent(new Event("input", { bubbles: true }));
    count();
  }

  listen(form, body, { at, go, step, add, move, drop, touch });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button) return;
    const [verb, key] = button.value.split(":");
    const row = key ? $(`[data-key="${key}"]`, body) : rows().at(-1);
    if (verb === "sort" || !row) return;
    event.preventDefault();
    if (verb === "add") go(add(row, false), 0);
    else if (verb === "copy") go(add(row, true), 0);
    else {
      move(row, verb === "down");
      button.focus();
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches?.("textarea")) grow(event.target);
    count();
  });
  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr");
    if (row && event.target.name.endsWith(".drop")) mark(row);
    count();
  });
  // Only rows that changed are sent; the others say no more than where they stand.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "do") return;
    for (const row of rows()) {
      if (isChanged(row)) continue;
      for (const field of $$("input:not([name=row]), textarea, select", row)) field.disabled = true;
    }
  });
  addEventListener("pageshow", () => {
    for (const field of $$(":disabled", body)) field.disabled = false;
  });
  for (const field of $$("textarea", body)) grow(field);
  for (const row of rows()) mark(row);
}
