// The theme changes at once; the form behind the button tells the server, which remembers it in a cookie.
import { $$ } from "./dom.js";

const root = document.documentElement;
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

for (const form of $$("[data-theme-switch]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: data, redirect: "manual", keepalive: true }).catch(() => {});
  });
}
