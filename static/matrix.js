// The competence matrix by keyboard: arrows move, 0 to 4 set, Delete clears, Esc takes back. Without this file each cell leads to its form.
import { $, $$, say } from "./dom.js";
import { post, words } from "./logbook.js";

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const changed = [];
let saving = Promise.resolve();

const cells = (row) => $$("a[data-level]", row);
const name = (cell) => cell.getAttribute("aria-label").replace(/: [^:]*$/, "");

function show(cell, level) {
  cell.textContent = level === "" ? "·" : level;
  cell.parentElement.className = `k${level}`;
}

function trouble(text) {
  const told = $("[data-wrong]");
  told.hidden = !text;
  $("p", told).textContent = text;
}

// One cell of one table may be reached with Tab; it is the one that was last in focus.
function rove(cell) {
  for (const other of $$('a[data-level][tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
}

function move(cell, [down, right]) {
  const rows = [...cell.closest("tbody").rows], row = cell.closest("tr");
  const place = cells(row).indexOf(cell);
  const next = cells(rows[rows.indexOf(row) + down] ?? row)[place + right];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function send(cell, level, isUndo) {
  const was = cell.dataset.level;
  if (was === level) return;
  show(cell, level);
  try {
    const answer = await post(`${cell.getAttribute("href")}/level`, new URLSearchParams({ level, was }));
    const says = await words(answer);
    if (!answer.ok) throw new Error(says);
    cell.dataset.level = level;
    cell.classList.remove("wrong");
    if (!isUndo) changed.push([cell, was]);
    const told = `${name(cell)}: ${says}`;
    cell.setAttribute("aria-label", told);
    trouble("");
    say(isUndo ? `${told} (${cell.closest("table").dataset.undone})` : told);
  } catch (error) {
    show(cell, was);
    cell.classList.add("wrong");
    trouble(`${name(cell)}: ${error.message}`);
  }
}

function set(cell, level, isUndo = false) {
  saving = saving.then(() => send(cell, level, isUndo));
}

function undo() {
  saving = saving.then(() => {
    const last = changed.pop();
    if (!last?.[0].isConnected) return;
    last[0].focus();
    return send(...last, true);
  });
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-matrix] a[data-level]")) rove(event.target);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-matrix] a[data-level]");
  if (!cell || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const { key } = event;
  if (key in MOVES) move(cell, MOVES[key]);
  else if (key === "Home" || key === "End") cells(cell.closest("tr")).at(key === "Home" ? 0 : -1).focus();
  else if (/^[0-4]$/.test(key)) set(cell, key);
  else if (key === "Delete" || key === "Backspace") set(cell, "");
  else if (key === "Escape") undo();
  else return;
  event.preventDefault();
});

function begin() {
  $$("[data-matrix] a[data-level]").forEach((cell, place) => { cell.tabIndex = place ? -1 : 0; });
}

// A filter puts a new table in place of the old one.
document.addEventListener("swapped", begin);
begin();
