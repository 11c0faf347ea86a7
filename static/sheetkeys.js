// The keyboard and the clipboard of the sheet; tools are the acts of sheet.js.
import { $, $$, say } from "./dom.js";
import { cut, isAtEdge } from "./sheetrows.js";

const fields = (row) => $$(".cell, td > input[type=checkbox]", row);

export function listen(form, body, { at, go, step, add, move, drop, touch }) {
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
}
