// Mistakes get the focus, a password can be looked at, a button is pressed once, typed text is not lost by a stray click.
import { $, $$, icon, make } from "./dom.js";

$("[data-focus]")?.focus();

for (const box of $$("[data-secret]")) {
  const input = $("input", box);
  const button = make("button", { type: "button", class: "btn icon", "aria-label": box.dataset.show, "aria-pressed": "false" }, icon("eye"));
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  box.append(button);
}

const typed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-guard")) typed.add(form);
});
addEventListener("beforeunload", (event) => {
  if (typed.size) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  typed.clear();
  if (form.method !== "post" || form.dataset.swap) return;
  form.setAttribute("aria-busy", "true");
  // After this turn, so that the pressed button's own name and value are still sent.
  setTimeout(() => { for (const button of $$("button[type=submit], button:not([type])", form)) button.disabled = true; });
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of $$("form[aria-busy]")) {
    form.removeAttribute("aria-busy");
    for (const button of $$("button", form)) button.disabled = false;
  }
});

// On a narrow screen the chosen file's name is all the answer a file field gives: say its size as well.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file") return;
  const told = $(`output[for="${input.id}"]`) ?? make("output", { for: input.id, class: "small muted" });
  const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  told.textContent = [...input.files].map((file) => `${file.name}, ${size.format(file.size / 1024)} KB`).join("; ");
  input.after(told);
});
