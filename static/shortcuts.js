// Keys of one letter (n d, n h, g h, /) from the links that carry them; off while typing, and off for those who switched them
// off in the account menu (WCAG 2.1.4): this browser remembers it.
import { $, $$, icon } from "./dom.js";

const KEY = "one-letter-keys";
const read = () => { try { return localStorage.getItem(KEY) === "off"; } catch { return false; } };
let isOff = read();

for (const button of $$("[data-shortcuts-on]")) {
  const draw = () => button.replaceChildren(icon("pen"), isOff ? button.dataset.shortcutsOn : button.dataset.shortcutsOff);
  button.addEventListener("click", () => {
    isOff = !isOff;
    try { localStorage.setItem(KEY, isOff ? "off" : "on"); } catch { /* kept for this page only */ }
    draw();
  });
  button.hidden = false;
  draw();
}

const isTyping = (element) => element.closest("input, select, textarea, [contenteditable], dialog") !== null;
let before = "";

document.addEventListener("keydown", (event) => {
  if (isOff || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    $("[data-palette]")?.click();
    return;
  }
  const keys = `${before} ${event.key}`.trim();
  const link = $$("[data-keys]").find((candidate) => candidate.dataset.keys === keys);
  before = link ? "" : event.key;
  setTimeout(() => { before = ""; }, 1500);
  if (link) location.assign(link.href);
});
