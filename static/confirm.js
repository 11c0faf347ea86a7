// A form with data-confirm asks first, in a dialog whose button repeats what will be done.
import { make } from "./dom.js";

const agreed = new WeakSet();

function ask(question, button) {
  const yes = make("button", { class: "btn danger", value: "yes" }, button?.textContent.trim() || "OK");
  const no = make("button", { class: "btn quiet", value: "" }, document.body.dataset.cancel);
  const text = make("p", { id: "ask-text" }, question);
  const box = make("dialog", { class: "ask", "aria-labelledby": "ask-text" }, make("form", { method: "dialog" }, text, make("div", { class: "acts" }, yes, no)));
  document.body.append(box);
  box.showModal();
  no.focus();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      button?.focus();
      resolve(box.returnValue === "yes");
    });
  });
}

// Capturing: nobody else may act on a submission that has not been agreed to.
document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter, question = button?.dataset.confirm ?? form.dataset.confirm;
  if (!question || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(question, button)) {
    agreed.add(form);
    form.requestSubmit(button);
  }
}, true);
