// A menu is a <details>: it closes on Escape, on a click elsewhere, and when another one opens. What is current stands in
// view: in the menu beside the page, and in tabs that scroll sideways.
import { $, $$ } from "./dom.js";

for (const entry of $$(".side [aria-current], :is(.tabs, .views) [aria-current]")) {
  const box = entry.closest(".side, .tabs, .views");
  if (entry.offsetLeft + entry.offsetWidth > box.clientWidth) box.scrollLeft = entry.offsetLeft - (box.clientWidth - entry.offsetWidth) / 2;
  if (entry.offsetTop + entry.offsetHeight > box.clientHeight) box.scrollTop = entry.offsetTop - box.clientHeight / 2;
}

const open = () => $$("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    $("summary", menu).focus();
  }
});
