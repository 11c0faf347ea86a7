// Rows and cells of the sheet: copying a row under another name, reading what a spreadsheet copied.
import { $, $$ } from "./dom.js";

// A new row is an old one with other names; its values go, or are kept for a copy.
export function cloned(model, key, copied) {
  const row = model.cloneNode(true);
  const old = model.dataset.key;
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
  return row;
}

export function cut(text) {
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

export function grow(field) {
  if (field.tagName !== "TEXTAREA") return;
  field.rows = Math.min(12, Math.max(2, field.value.split("\n").length));
  while (field.rows < 12 && field.scrollHeight > field.clientHeight) field.rows += 1;
}

export function isAtEdge(field, end) {
  if (field.selectionStart === null || field.selectionStart === undefined) return true;
  const isAll = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  return isAll || (field.selectionStart === field.selectionEnd && field.selectionStart === (end ? field.value.length : 0));
}
