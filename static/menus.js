// A menu is a <details>: it closes on Escape, on a click elsewhere, and when another one opens.
import { $, $$ } from "./dom.js";

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
