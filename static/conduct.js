// A running drill: the clock ticks on, the board renews itself, lines of the log survive a lost connection.
import { $, $$, make, parse, say } from "./dom.js";
import { logbook, post, words } from "./logbook.js";

const board = $("[data-conduct]");
const EVERY = 15_000, RETRY = 5_000;

function time(seconds) {
  const whole = Math.abs(seconds), two = (n) => String(Math.floor(n)).padStart(2, "0");
  return `T${seconds < 0 ? "-" : "+"}${two(whole / 3600)}:${two(whole / 60 % 60)}:${two(whole % 60)}`;
}

let since = performance.now();
function tick() {
  const face = $("[data-clock]", board);
  if (!face?.hasAttribute("data-running")) return;
  const passed = Math.floor((performance.now() - since) / 1000), due = $("[data-due]", board);
  face.textContent = time(Number(face.dataset.clock) + passed);
  if (due) due.textContent = time(Number(due.dataset.due) - passed).replace(/^T\+(00:)?|^T/, "");
}

const told = make("p", { class: "note warn", hidden: true });
const trouble = (text) => {
  told.textContent = text;
  told.hidden = !text;
};

let revision = board?.dataset.revision, polling = null;
function renew(fresh) {
  const next = $("[data-next]", board)?.textContent;
  const active = document.activeElement?.closest("[data-part] button, [data-part] a");
  const action = active?.form?.action, label = active?.textContent;
  for (const part of $$("[data-part]", board)) {
    const other = $(`#${part.id}`, fresh);
    if (other && !other.isEqualNode(part)) part.replaceWith(document.adoptNode(other));
  }
  $("[data-status-of]")?.replaceChildren(...$("#board-status", board).cloneNode(true).childNodes);
  if (active && !active.isConnected) $$("button", board).find((b) => b.form?.action === action && b.textContent === label)?.focus();
  since = performance.now();
  const now = $("[data-next]", board)?.textContent;
  if (now && now !== next) say(now);
}

async function pulse() {
  clearTimeout(polling);
  try {
    const answer = await fetch(board.dataset.conduct, { headers: { "If-None-Match": `"${revision}"` }, cache: "no-store" });
    if (answer.redirected || answer.status === 404 || answer.status === 403) return location.reload();
    if (answer.ok) {
      renew($("#board", parse(await answer.text())));
      revision = answer.headers.get("etag").replace(/^W\/|"/g, "");
    }
    if (answer.ok || answer.status === 304) trouble("");
    log.flush();
  } catch {
    trouble(board.dataset.lost);
  }
  polling = setTimeout(pulse, told.hidden ? EVERY : RETRY);
}

async function act(form, button) {
  button.disabled = true;
  try {
    const answer = await post(form.action, new URLSearchParams(new FormData(form, button)));
    if (!answer.ok) trouble(await words(answer));
    else await pulse();
  } catch {
    trouble(board.dataset.lost);
  }
  button.disabled = false;
}

const log = board && logbook(board, pulse, trouble);
if (board) {
  board.prepend(told);
  setInterval(tick, 1000);
  polling = setTimeout(pulse, EVERY);
  log.flush();
  addEventListener("online", pulse);
  addEventListener("visibilitychange", () => document.hidden || pulse());
  board.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    event.stopPropagation();
    form.matches("[data-log], [data-told]") ? log.add(form, button) : act(form, button);
  });
}
