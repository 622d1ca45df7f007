// SPDX-License-Identifier: Apache-2.0
// The grid's search, filters and keys. Without this script the grid shows everything. What is chosen stands in the
// address, so that it can be sent to someone, and is there again when one comes back.
"use strict";
const search = document.getElementById("search");
const filters = ["state", "status", "family", "exercised"].map((id) => document.getElementById(id));
const cells = [...document.querySelectorAll("#grid li")];
const inputs = [search, ...filters];

function matches(data, text) {
  if (text && !data.name.includes(text) && data.number !== text) return false;
  return filters.every((f) => {
    if (!f.value) return true;
    if (f.id !== "exercised") return data[f.id] === f.value;
    return Number(data.exercised) >= 0 && Number(data.exercised) < Number(f.value);
  });
}

function show() {
  const text = search.value.trim().toLowerCase();
  let shown = 0;
  for (const c of cells) {
    c.hidden = !matches(c.dataset, text);
    shown += !c.hidden;
  }
  document.getElementById("shown").textContent = `${shown} of ${cells.length}`;
  document.getElementById("none").hidden = shown > 0;
  const chosen = new URLSearchParams(inputs.filter((e) => e.value).map((e) => [e.id, e.value])).toString();
  history.replaceState(null, "", chosen ? "#" + chosen : location.pathname + location.search);
}

function clear() {
  for (const e of inputs) e.value = "";
  show();
}

// The link that an arrow key leads to from the one in focus: rows are as long as the window makes them.
function neighbour(from, key) {
  const links = cells.filter((c) => !c.hidden).map((c) => c.firstElementChild);
  const at = links.indexOf(from);
  if (key === "ArrowLeft" || key === "ArrowRight") return links[at + (key === "ArrowRight" ? 1 : -1)];
  if (key === "Home" || key === "End") return key === "Home" ? links[0] : links.at(-1);
  const top = (a) => a.getBoundingClientRect().top;
  const columns = links.filter((a) => top(a) === top(links[0])).length;
  return links[at + (key === "ArrowDown" ? columns : -columns)];
}

const moves = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey) return;
  const first = cells.find((c) => !c.hidden)?.firstElementChild;
  if (e.key === "/" && !e.target.matches("input, select")) {
    e.preventDefault();
    search.focus();
    search.select();
  } else if (e.key === "Escape") {
    clear();
  } else if (e.target === search && (e.key === "Enter" || e.key === "ArrowDown")) {
    e.preventDefault();
    if (e.key === "Enter") first?.click();
    else first?.focus();
  } else if (moves.has(e.key) && e.target.matches("#grid a")) {
    const to = neighbour(e.target, e.key) ?? (e.key === "ArrowUp" ? search : null);
    if (to) {
      e.preventDefault();
      to.focus();
    }
  }
});

for (const e of inputs) e.addEventListener("input", show);
document.getElementById("clear").addEventListener("click", clear);

// What stands in the address is chosen.
function restore() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  for (const e of inputs) e.value = chosen.get(e.id) ?? "";
  show();
}
addEventListener("hashchange", () => {
  restore();
  document.getElementById("grid-title").scrollIntoView();
});
restore();
