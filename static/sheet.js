// The table of injects as a sheet: Enter, arrows, paste, rows added, moved, copied and dropped without a turn to the server.
// Without this file every row has buttons that do the same.
import { $, $$, say } from "./dom.js";

const form = $("[data-sheet]");
if (form) start(form);

function start(form) {
  const body = $("tbody", form);
  const rows = () => [...body.rows];
  const fields = (row) => $$(".cell, td > input[type=checkbox]", row);
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

  function grow(field) {
    if (field.tagName !== "TEXTAREA") return;
    field.rows = Math.min(12, Math.max(2, field.value.split("\n").length));
    while (field.rows < 12 && field.scrollHeight > field.clientHeight) field.rows += 1;
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

  // A new row is an old one with other names; its values go, or are kept for a copy.
  function add(after, copied) {
    const model = after.classList.contains("fixed") ? rows().find((row) => !row.classList.contains("fixed")) : after;
    if (!model) return null;
    const row = model.cloneNode(true);
    const old = model.dataset.key;
    let key;
    do key = `n${1000 + ++fresh}`;
    while ($(`[data-key="${key}"]`, body));
    row.dataset.key = key;
    row.className = "new";
    for (const part of $$(".error", row)) part.remove();
    for (const field of $$("input, textarea, select, button", row)) {
      for (const name of ["name", "id", "value"]) {
        const value = field.getAttribute(name);
        if (name === "value" && field.name !== "row" && field.name !== "do") continue;
        if (value?.startsWith(`${old}.`) || value?.startsWith(`${old}-`)) field.setAttribute(name, key + value.slice(old.length));
        else if (value === old) field.setAttribute(name, key);
        else if (value?.endsWith(`:${old}`)) field.setAttribute(name, value.slice(0, -old.length) + key);
      }
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (field.name === `${key}.was`) field.value = "";
      else if (field.type === "checkbox") field.checked = copied && !field.name.endsWith(".drop") && $(`[name="${old}${field.name.slice(key.length)}"]`, model).checked;
      else if (field.classList.contains("cell") && !copied && !field.name.endsWith(".phase")) field.value = "";
      else if (field.classList.contains("cell")) field.value = $(`[name="${old}${field.name.slice(key.length)}"]`, model).value;
    }
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

  function isAtEdge(field, end) {
    if (field.selectionStart === null || field.selectionStart === undefined) return true;
    const isAll = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    return isAll || (field.selectionStart === field.selectionEnd && field.selectionStart === (end ? field.value.length : 0));
  }

  body.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.isComposing || !field.matches(".cell, input[type=checkbox]")) return;
    const { row } = at(field);
    const { key } = event;
    const isWord = event.ctrlKey || event.metaKey;
    let isDone = true;
    if (key === "Enter" && !event.shiftKey && !isWord) {
      if (!step(field, true)) go(add(row, false), 0);
    } else if (isWord && key === "Enter") go(add(row, false), 0);
    else if (event.altKey && (key === "ArrowDown" || key === "ArrowUp")) {
      move(row, key === "ArrowDown");
      field.focus();
    } else if (isWord && key.toLowerCase() === "d") go(add(row, true), 0);
    else if (isWord && key === "Delete") drop(row);
    else if (isWord && key.toLowerCase() === "s") form.requestSubmit($('[name=then][value=stay]', form));
    else if ((key === "ArrowDown" || key === "ArrowUp") && !event.shiftKey && field.tagName !== "SELECT") {
      const isDown = key === "ArrowDown";
      const isLong = field.tagName === "TEXTAREA" && !isAtEdge(field, isDown);
      isDone = !isLong && !field.hasAttribute("aria-expanded") && step(field, isDown);
    } else if ((key === "ArrowRight" || key === "ArrowLeft") && !event.shiftKey && !isWord && field.tagName !== "SELECT") {
      const isRight = key === "ArrowRight";
      const list = fields(row);
      const next = list[list.indexOf(field) + (isRight ? 1 : -1)];
      isDone = Boolean(next) && isAtEdge(field, isRight) && go(row, next.closest("td").cellIndex);
    } else isDone = false;
    if (isDone) event.preventDefault();
  });

  // Cells copied from a spreadsheet come as lines and tabs; more lines than rows make new rows.
  body.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
    const field = event.target;
    if (!text.includes("\t") || !field.matches(".cell")) return;
    event.preventDefault();
    const { row, cell } = at(field);
    let line = row;
    const lines = cut(text);
    lines.forEach((texts, place) => {
      if (place) line = line.nextElementSibling ?? add(line, false);
      texts.forEach((value, offset) => {
        const target = line.cells[cell + offset] && $(".cell", line.cells[cell + offset]);
        if (target) target.value = value;
      });
    });
    touch();
    say(form.dataset.pasted?.replace("{n}", lines.length) ?? "");
  });
  function cut(text) {
    const table = [[""]];
    let isQuoted = false;
    for (let place = 0; place < text.length; place++) {
      const letter = text[place], row = table[table.length - 1], last = row.length - 1;
      if (letter === '"' && (isQuoted || row[last] === "")) {
        if (isQuoted && text[place + 1] === '"') { row[last] += '"'; place++; } else isQuoted = !isQuoted;
      } else if (letter === "\t" && !isQuoted) row.push("");
      else if (letter === "\n" && !isQuoted) table.push([""]);
      else row[last] += letter;
    }
    return table;
  }

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
