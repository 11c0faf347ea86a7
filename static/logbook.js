// Lines of the log and stamps wait on this device until the server has them: each with its own id, so that none is stored twice.
import { $, parse, say, token } from "./dom.js";

export async function post(url, body) {
  const send = () => fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token() } });
  const answer = await send();
  if (answer.status !== 422 || answer.headers.get("content-type").includes("json")) return answer;
  // The page stood open for long: take a new token, once.
  const page = parse(await (await fetch(location.href)).text());
  $('meta[name="csrf-token"]').content = $('meta[name="csrf-token"]', page)?.content ?? "";
  return send();
}

export async function words(answer) {
  const text = await answer.text();
  return answer.headers.get("content-type").includes("json") ? JSON.parse(text).says : $("main .prose p, main p", parse(text))?.textContent ?? answer.statusText;
}

// stored: called when a line has arrived; trouble: told what is wrong, in words. Each person's lines wait for that person.
export function logbook(board, stored, trouble) {
  const form = $("[data-log]", board), key = `drills-log:${form?.dataset.log}:${form?.action ?? ""}`;
  let sending = false;
  const waiting = () => JSON.parse(localStorage.getItem(key) ?? "[]");

  function keep(lines) {
    lines.length ? localStorage.setItem(key, JSON.stringify(lines)) : localStorage.removeItem(key);
    const shown = $("[data-queue]", board);
    if (!shown) return;
    shown.hidden = !lines.length;
    shown.textContent = lines.length ? `${board.dataset.unsent.replace("{n}", lines.length)} ${lines.map((one) => one.told).join(" · ")}` : "";
  }

  async function send({ typed_at: typed, action, told, ...line }) {
    const answer = await post(action, new URLSearchParams({ ...line, typed_at: `${typed},${Date.now()}` }));
    if (answer.status >= 500 || answer.redirected) throw new Error("later");
    const says = await words(answer);
    keep(waiting().filter((one) => one.client_id !== line.client_id));
    say(says);
    if (answer.ok) return stored();
    trouble(`${says} ${told}`);
    if (line.line) $("[name=line]", form).value ||= line.line;
  }

  async function flush() {
    if (sending) return;
    sending = true;
    try {
      for (let lines = waiting(); lines.length; lines = waiting()) await send(lines[0]);
    } catch {
      trouble(board.dataset.lost);
    }
    sending = false;
    keep(waiting());
  }

  // of: the form of a line, or that of a stamp, which says in data-told what it notes.
  function add(of, submitter) {
    const line = Object.fromEntries([...new FormData(of, submitter)].filter(([name]) => name !== "csrf_token" && name !== "back"));
    const mark = { client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, typed_at: Date.now() };
    keep([...waiting(), { ...line, ...mark, action: of.action, told: of.dataset.told ?? line.line }]);
    if (of.dataset.told) submitter.disabled = true;
    else {
      of.reset();
      $("[name=line]", of).focus();
    }
    return flush();
  }

  keep(waiting());
  return { add, flush };
}
