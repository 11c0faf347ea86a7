// A running drill: the clock ticks on, the board renews itself, lines of the log survive a lost connection.
import { $, $$, make, parse, say, token } from "./dom.js";

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
    if (other && other.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(other));
  }
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
    flush();
  } catch {
    trouble(board.dataset.lost);
  }
  polling = setTimeout(pulse, told.hidden ? EVERY : RETRY);
}

// Lines wait here until the server has them: each with its own id, so that none is stored twice.
const key = board && `drills-log:${$("[data-log]", board)?.action ?? ""}`;
const waiting = () => JSON.parse(localStorage.getItem(key) ?? "[]");
function keep(lines) {
  lines.length ? localStorage.setItem(key, JSON.stringify(lines)) : localStorage.removeItem(key);
  const shown = $("[data-queue]", board);
  if (!shown) return;
  shown.hidden = !lines.length;
  shown.textContent = lines.length ? `${board.dataset.unsent.replace("{n}", lines.length)} ${lines.map((one) => one.line).join(" · ")}` : "";
}

async function post(url, body) {
  const send = () => fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token() } });
  let answer = await send();
  if (answer.status === 422 && !answer.headers.get("content-type").includes("json")) {
    // The page stood open for long: take a new token, once.
    const page = parse(await (await fetch(location.href)).text());
    $('meta[name="csrf-token"]').content = $('meta[name="csrf-token"]', page)?.content ?? "";
    answer = await send();
  }
  return answer;
}

let sending = false;
async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (let lines = waiting(); lines.length; lines = waiting()) {
      const { typed_at: typed, ...line } = lines[0];
      const answer = await post($("[data-log]", board).action, new URLSearchParams({ ...line, typed_at: `${typed},${Date.now()}` }));
      if (answer.status >= 500 || answer.redirected) throw new Error("later");
      const says = await words(answer), field = $("[data-log] [name=line]", board);
      keep(waiting().filter((one) => one.client_id !== line.client_id));
      say(says);
      if (answer.ok) pulse();
      else {
        trouble(says);
        field.value ||= line.line;
      }
    }
  } catch {
    trouble(board.dataset.lost);
  } finally {
    sending = false;
    keep(waiting());
  }
}

async function words(answer) {
  const text = await answer.text();
  return answer.headers.get("content-type").includes("json") ? JSON.parse(text).says : $("main .prose p, main p", parse(text))?.textContent ?? answer.statusText;
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

if (board) {
  board.prepend(told);
  setInterval(tick, 1000);
  polling = setTimeout(pulse, EVERY);
  keep(waiting());
  if (waiting().length) flush();
  addEventListener("online", pulse);
  addEventListener("visibilitychange", () => document.hidden || pulse());
  board.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    event.stopPropagation();
    if (!form.hasAttribute("data-log")) return void act(form, button);
    const line = Object.fromEntries([...new FormData(form, button)].filter(([name]) => name !== "csrf_token" && name !== "back"));
    keep([...waiting(), { ...line, client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, typed_at: Date.now() }]);
    form.reset();
    $("[name=line]", form).focus();
    flush();
  });
}
