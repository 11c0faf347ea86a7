// Questions that only some kinds of systems need: hidden while a system of another kind is chosen.
// <div data-asked-for="public other"> inside a form whose q-kind says the kind.
import { $, $$ } from "./dom.js";

function sort(form) {
  const kind = form.elements["q-kind"]?.value;
  for (const box of $$("[data-asked-for]", form)) {
    box.hidden = Boolean(kind) && !box.dataset.askedFor.split(" ").includes(kind);
  }
}

const form = $("[data-asked-for]")?.closest("form");
if (form) {
  sort(form);
  form.addEventListener("change", () => sort(form));
}
