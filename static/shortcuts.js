// Keys of one letter (n d, n h, g h, /) from the links that carry them; off while typing, and for those who switched them off.
import { $, $$ } from "./dom.js";

const isOff = document.body.dataset.shortcuts === "off";
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
