// <select data-pick> becomes chips and a search line: found without accents, used with the keyboard. The select stays what is
// sent. With data-pick-from its rows are too many for the page: they are asked for, and the text box beside it is not needed.
import { $, $$, fold, icon, make, words } from "./dom.js";

const LIMIT = 50, PAUSE = 180;
let count = 0;

function enhance(select) {
  const id = `pick-${++count}`, many = select.multiple, source = select.dataset.pickFrom;
  const label = select.labels[0]?.textContent.trim() ?? select.getAttribute("aria-label");
  const input = make("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", "aria-label": label });
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  const list = make("div", { role: "listbox", id, "aria-label": label, hidden: true });
  if (many) list.setAttribute("aria-multiselectable", "true");
  const box = make("div", { class: "pick" }, input, list);
  const empty = [...select.options].find((option) => option.value === "")?.text ?? "";
  const local = [...select.options].filter((option) => !option.disabled).map((option) => ({ value: option.value, text: option.text.trim(), key: fold(option.text) }));
  let found = [], cursor = 0, asked = 0, waiting;

  const optionOf = (value) => [...select.options].find((option) => option.value === value);
  const chosen = () => [...select.options].filter((option) => option.selected && option.value !== "");
  const chip = (option) => {
    const remove = make("button", { type: "button", "aria-label": `${document.body.dataset.remove} ${option.text}` }, icon("x"));
    remove.addEventListener("click", () => { option.selected = false; changed(); input.focus(); });
    return make("span", { class: "chip" }, option.text, remove);
  };
  function drawChosen() {
    for (const old of $$(".chip", box)) old.remove();
    if (many) input.before(...chosen().map(chip));
    else input.value = chosen()[0]?.text ?? "";
    input.placeholder = chosen().length ? "" : empty;
  }
  function changed() {
    drawChosen();
    for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, { bubbles: true }));
  }
  function move(to) {
    cursor = Math.max(0, Math.min(to, found.length - 1));
    $$("[role=option]", list).forEach((row, n) => row.classList.toggle("cursor", n === cursor));
    const row = list.children[cursor];
    input.setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  }
  function show(rows) {
    found = rows.slice(0, LIMIT);
    list.replaceChildren(...found.map(({ value, text }, n) => make("div", { role: "option", id: `${id}-${n}`, "aria-selected": String(optionOf(value)?.selected ?? false) }, text)));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    move(0);
  }
  async function ask(query) {
    const mine = ++asked;
    try {
      const answer = await fetch(`${source}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
      const { items } = await answer.json();
      if (mine === asked && document.activeElement === input) show(items.map((item) => ({ value: String(item.id), text: item.text })));
    } catch { /* the next letter asks again */ }
  }
  function open(query = "") {
    clearTimeout(waiting);
    if (source) { waiting = setTimeout(ask, PAUSE, query); return; }
    const parts = words(query);
    show(local.filter(({ key }) => parts.every((part) => key.includes(part))));
  }
  function close() {
    asked++;
    clearTimeout(waiting);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (!many && !input.value && chosen().length && optionOf("")) { optionOf("").selected = true; changed(); }
    if (many) input.value = ""; else drawChosen();
  }
  function take(n) {
    const { value, text } = found[n];
    if (!optionOf(value)) select.add(new Option(text, value));
    const option = optionOf(value);
    option.selected = many ? !option.selected : true;
    changed();
    if (many) { input.value = ""; open(); } else close();
  }

  input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
  input.addEventListener("click", () => open(many ? input.value : ""));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown") { isOpen ? move(cursor + 1) : open(); event.preventDefault(); }
    else if (event.key === "ArrowUp" && isOpen) { move(cursor - 1); event.preventDefault(); }
    else if (event.key === "Enter" && isOpen && !event.isComposing) { take(cursor); event.preventDefault(); }
    else if (event.key === "Escape" && isOpen) { close(); event.stopPropagation(); }
    else if (event.key === "Backspace" && many && !input.value && chosen().length) { chosen().at(-1).selected = false; changed(); }
  });
  // mousedown, not click: the input must not lose the focus first
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = event.target.closest("[role=option]");
    if (row) take([...list.children].indexOf(row));
  });

  const typed = select.nextElementSibling;
  if (typed?.matches("[data-pick-text]")) typed.hidden = true;
  select.hidden = true;
  if (select.labels[0]) { input.id = `${id}-input`; for (const tag of select.labels) tag.htmlFor = input.id; input.removeAttribute("aria-label"); }
  select.after(box);
  drawChosen();
}

const all = (place) => $$("select[data-pick]", place).filter((select) => !select.hidden).forEach(enhance);
all(document);
document.addEventListener("swapped", (event) => all(event.detail));
document.addEventListener("click", (event) => {
  // A link of the error summary points at the select, which is hidden now.
  const target = event.target.closest(".errors a")?.hash.slice(1), select = target && document.getElementById(target);
  if (select?.hidden) { event.preventDefault(); $("input", select.nextElementSibling).focus(); }
});
