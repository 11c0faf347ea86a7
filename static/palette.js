// Ctrl K: the pages of the menu and the actions of this page at once, the register's own finds as they arrive:
// {"groups": [{"label": "Systems", "items": [{"label": "…", "hint": "HT-0042", "href": "/systems/42/"}]}]}
import { $, $$, fold, make, words } from "./dom.js";

const dialog = $("dialog.pal"), button = $("[data-palette]");

if (dialog && button) {
  const input = $("input", dialog), list = $("[role=listbox]", dialog), told = dialog.dataset;
  // the label without the count beside it
  const named = (link) => [...link.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join(" ").trim();
  const entry = (group) => (link) => ({ group, label: named(link), hint: link.dataset.keys ?? "", href: link.href });
  const own = [...$$("[data-commands] a").map(entry(told.run)), ...$$(".head .acts a").map(entry(told.do)), ...$$(".side li a").map(entry(told.go))];
  for (const one of own) one.key = fold(one.label);
  let shown = [], cursor = 0, asked = "", waiting = null;

  function draw(entries, at = 0) {
    shown = entries;
    const groups = new Map();
    shown.forEach((one, n) => {
      const row = make("div", { role: "option", id: `found-${n}`, "aria-selected": "false" }, make("span", {}, one.label), make("small", {}, one.hint ?? ""));
      if (!groups.has(one.group)) groups.set(one.group, make("div", { role: "group", "aria-label": one.group }, make("div", { class: "grp", "aria-hidden": "true" }, one.group)));
      groups.get(one.group).append(row);
    });
    list.replaceChildren(...groups.values());
    move(at);
  }
  function move(to) {
    cursor = Math.max(0, Math.min(to, shown.length - 1));
    $$("[role=option]", list).forEach((row, n) => row.setAttribute("aria-selected", String(n === cursor)));
    input.setAttribute("aria-activedescendant", shown.length ? `found-${cursor}` : "");
    $(`#found-${cursor}`, list)?.scrollIntoView({ block: "nearest" });
  }
  function search() {
    const query = input.value.trim(), parts = words(query);
    const commands = own.filter(({ key }) => parts.every((part) => key.includes(part)));
    const rest = query ? [{ group: told.find, label: told.results.replace("{q}", query), href: `${told.page}?q=${encodeURIComponent(query)}` }] : [];
    draw([...commands, ...rest]);
    clearTimeout(waiting);
    asked = query;
    if (query.length > 1) waiting = setTimeout(() => fetchFinds(query, commands, rest), 180);
  }
  async function fetchFinds(query, commands, rest) {
    try {
      const answer = await fetch(`${told.source}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || asked !== query) return;
      const { groups } = await answer.json();
      if (asked !== query) return;
      const finds = groups.flatMap(({ label, items }) => items.map((item) => ({ ...item, group: label })));
      // after the commands: what the eye or the arrow keys rest on stays where it is
      draw([...commands, ...finds, ...rest], cursor);
    } catch { /* without the network the commands are still there */ }
  }
  function open() {
    input.value = "";
    search();
    dialog.showModal();
    input.focus();
  }
  const follow = (one) => one && location.assign(one.href);

  $("form.find").hidden = true;
  button.hidden = false;
  button.addEventListener("click", open);
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(cursor + 1);
    else if (event.key === "ArrowUp") move(cursor - 1);
    else if (event.key === "Enter" && !event.isComposing) follow(shown[cursor]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) follow(shown[Number(row.id.slice(6))]);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    dialog.open ? dialog.close() : open();
  });
}
