// <select data-pick> becomes chips and a search line: found without accents, used with the keyboard. The select stays what is sent.
import { $, $$, fold, icon, make, words } from "./dom.js";

const LIMIT = 50, PATIENCE = 200;
let count = 0;

function enhance(select) {
  const id = `pick-${++count}`, many = select.multiple;
  const from = select.dataset.pickFrom;
  const entry = (option) => ({ option, text: option.text.trim(), key: fold(option.text) });
  const options = [...select.options].filter((option) => !option.disabled).map(entry);
  const label = select.labels[0]?.textContent.trim() ?? select.getAttribute("aria-label");
  const input = make("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", "aria-label": label });
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  const list = make("div", { role: "listbox", id, "aria-label": label, hidden: true });
  if (many) list.setAttribute("aria-multiselectable", "true");
  const box = make("div", { class: "pick" }, input, list);
  let found = [], cursor = 0, timer = 0, asked = "";

  const chosen = () => options.filter(({ option }) => option.selected && option.value !== "");
  const chip = ({ option, text }) => {
    const remove = make("button", { type: "button", "aria-label": `${document.body.dataset.remove} ${text}` }, icon("x"));
    remove.addEventListener("click", () => { option.selected = false; changed(); input.focus(); });
    return make("span", { class: "chip" }, text, remove);
  };
  function drawChosen() {
    for (const old of $$(".chip", box)) old.remove();
    if (many) input.before(...chosen().map(chip));
    else input.value = chosen()[0]?.text ?? "";
    input.placeholder = many || chosen().length ? "" : options.find(({ option }) => option.value === "")?.text ?? "";
  }
  function changed() {
    drawChosen();
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function move(to) {
    cursor = Math.max(0, Math.min(to, found.length - 1));
    $$("[role=option]", list).forEach((row, n) => row.classList.toggle("cursor", n === cursor));
    const row = list.children[cursor];
    input.setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  }
  // Too many rows to send with the page: the server is asked, and what it finds joins the options.
  async function fetchMore(query) {
    const answer = await fetch(`${from}?${new URLSearchParams({ q: query })}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || query !== asked || document.activeElement !== input) return;
    const known = new Set(options.map(({ option }) => option.value));
    for (const { id, text } of (await answer.json()).items.filter(({ id }) => !known.has(String(id)))) {
      const option = new Option(text, id);
      select.add(option);
      options.push(entry(option));
    }
    if (query === asked && document.activeElement === input) draw(query);
  }
  function open(query = "") {
    draw(query);
    if (!from) return;
    asked = query;
    clearTimeout(timer);
    timer = setTimeout(() => fetchMore(query), PATIENCE);
  }
  function draw(query) {
    const looked = words(query);
    found = options.filter(({ key }) => looked.every((word) => key.includes(word))).slice(0, LIMIT);
    list.replaceChildren(...found.map(({ option, text }, n) => make("div", { role: "option", id: `${id}-${n}`, "aria-selected": String(option.selected) }, text)));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    move(0);
  }
  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (many) input.value = ""; else drawChosen();
  }
  function take(n) {
    const { option } = found[n];
    option.selected = many ? !option.selected : true;
    changed();
    many ? (input.value = "", open()) : close();
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
    else if (event.key === "Backspace" && many && !input.value && chosen().length) { chosen().at(-1).option.selected = false; changed(); }
  });
  // mousedown, not click: the input must not lose the focus first
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = event.target.closest("[role=option]");
    if (row) take([...list.children].indexOf(row));
  });

  select.hidden = true;
  if (from) $("[data-pick-text]", select.parentElement)?.remove();
  if (select.labels[0]) { input.id = `${id}-input`; for (const tag of select.labels) tag.htmlFor = input.id; input.removeAttribute("aria-label"); }
  select.addEventListener("focus", () => input.focus());
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
