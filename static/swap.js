// Partial page updates: <a|form data-swap="#list"> fetches the page, takes #list out of the answer and puts it in place.
// A form with data-live sends itself while one types. What has the focus keeps it, with the text typed meanwhile.
import { $, $$, parse, say, token } from "./dom.js";

let latest = null;

function remember(box) {
  const active = box.contains(document.activeElement) ? document.activeElement : null;
  const menus = $$("details", box).map((menu) => menu.open);
  return (fresh) => {
    $$("details", fresh).forEach((menu, n) => { menu.open = menus[n] ?? false; });
    if (!active) return;
    const same = active.id ? $(`[id="${CSS.escape(active.id)}"]`, fresh) : $$(active.localName, fresh).find((e) => e.name === active.name && (e.type !== "checkbox" || e.value === active.value) && e.textContent === active.textContent);
    if (!same) return;
    same.focus();
    if (same.type === "search" || same.type === "text") {
      same.value = active.value;
      same.setSelectionRange(active.selectionStart, active.selectionEnd);
    }
  };
}

async function load(url, options, selector, keep) {
  const box = $(selector);
  latest?.abort();
  const mine = latest = new AbortController();
  box.setAttribute("aria-busy", "true");
  try {
    const headers = { "X-Fragment": selector.slice(1), "X-CSRFToken": token() };
    const answer = await fetch(url, { ...options, headers, signal: mine.signal });
    const isPage = answer.headers.get("content-type")?.startsWith("text/html");
    const fresh = isPage && $(selector, parse(await answer.text()));
    // Signed out, an error page, a file: show it whole.
    if (!fresh) return location.assign(options.method === "POST" ? location.href : answer.url);
    const restore = remember(box);
    box.replaceWith(document.adoptNode(fresh));
    restore(fresh);
    if (keep) history[keep]({ selector }, "", answer.url);
    say(fresh.dataset.status ?? $("caption", fresh)?.textContent ?? "");
    document.dispatchEvent(new CustomEvent("swapped", { detail: fresh }));
  } catch (problem) {
    if (problem.name !== "AbortError") options.method === "POST" ? location.reload() : location.assign(url);
  } finally {
    if (mine === latest) $(selector)?.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  load(link.href, {}, link.dataset.swap, "pushState");
});

document.addEventListener("submit", (event) => {
  const form = event.target, selector = form.dataset.swap;
  if (!selector || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  if (form.method === "post") return void load(form.action, { method: "POST", body: data }, selector, null);
  for (const [name, value] of [...data]) if (value === "") data.delete(name);
  load(`${form.action.split("?")[0]}?${new URLSearchParams(data)}`, {}, selector, form.hasAttribute("data-live") ? "replaceState" : "pushState");
});

let timer;
const later = (form, wait) => {
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && form.requestSubmit(), wait);
};
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-live") && form.dataset.swap && !event.isComposing) later(form, 250);
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-live") && !form.dataset.swap) later(form, 0);
});
addEventListener("popstate", (event) => { if (event.state?.selector || !location.hash) location.reload(); });
