// SPDX-License-Identifier: Apache-2.0
// The grid's search and filters. Without this script the grid shows everything.
"use strict";
const search = document.getElementById("search");
const state = document.getElementById("state");
const status_ = document.getElementById("status");
const cells = [...document.querySelectorAll("#grid li")];

function show() {
  const text = search.value.trim().toLowerCase();
  let shown = 0;
  for (const c of cells) {
    const d = c.dataset;
    const match = (!text || d.name.includes(text) || d.number === text) &&
      (!state.value || d.state === state.value) && (!status_.value || d.status === status_.value);
    c.hidden = !match;
    shown += match;
  }
  document.getElementById("shown").textContent = `${shown} of ${cells.length}`;
}

for (const e of [search, state, status_]) e.addEventListener("input", show);

document.addEventListener("keydown", (e) => {
  const typing = e.target.matches("input, select");
  if (e.key === "/" && !typing) {
    e.preventDefault();
    search.focus();
  } else if (e.key === "Enter" && e.target === search) {
    const first = cells.find((c) => !c.hidden);
    if (first) first.querySelector("a").click();
  } else if (e.key === "Escape" && e.target === search) {
    search.value = "";
    show();
  }
});

show();
