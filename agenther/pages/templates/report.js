"use strict";
(() => {
  const PAGE = 50;
  const all = JSON.parse(document.getElementById("data").textContent);
  const form = document.querySelector(".filters");
  const table = document.querySelector("table.rows");
  const pages = document.querySelector(".pages");
  const columns = {
    samples: [["goal", "new goal"], ["old_goal", "failed goal"], ["format", "format"], ["failure", "failure"],
      ["kind", "goal type"], ["confidence", "confidence"], ["weight", "weight"], ["steps", "steps"]],
    losses: [["path", "log"], ["stage", "stage"], ["reason", "reason"], ["detail", "what happened"]],
  };
  const searched = { samples: ["goal", "old_goal", "id"], losses: ["path", "detail", "run_id"] };
  const chosen = { samples: ["format", "failure", "kind"], losses: ["stage", "reason"] };
  const texts = {};
  let state = { what: "samples", text: "", sort: "", down: false, page: 0 };

  const count = (rows) => (Object.values(rows)[0] || []).length;
  const make = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  for (const [what, names] of Object.entries(chosen)) {
    for (const name of names) {
      const values = [...new Set(all[what][name] || [])].filter(Boolean).sort();
      for (const value of values) form.elements[name].append(make("option", value, { value }));
    }
    const rows = all[what];
    texts[what] = Array.from({ length: count(rows) }, (_, n) =>
      searched[what].map((name) => rows[name][n]).join("\n").toLowerCase());
  }

  const found = () => {
    const rows = all[state.what];
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const filters = chosen[state.what].filter((name) => state[name]);
    const kept = [];
    for (let n = 0; n < count(rows); n += 1) {
      if (filters.every((name) => rows[name][n] === state[name])
        && words.every((word) => texts[state.what][n].includes(word))) kept.push(n);
    }
    const by = rows[state.sort];
    if (by) kept.sort((a, b) => (by[a] < by[b] ? -1 : by[a] > by[b] ? 1 : a - b) * (state.down ? -1 : 1));
    return kept;
  };

  const draw = () => {
    const rows = all[state.what];
    const kept = found();
    const last = Math.max(0, Math.ceil(kept.length / PAGE) - 1);
    state.page = Math.min(state.page, last);
    for (const label of form.querySelectorAll("[data-for]")) label.hidden = label.dataset.for !== state.what;
    form.querySelector("output").textContent = `${kept.length} of ${count(rows)}`;
    const head = document.createElement("tr");
    for (const [name, title] of columns[state.what]) {
      const cell = make("th", "", { scope: "col" });
      const sorted = state.sort === name;
      if (sorted) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      const button = make("button", title + (sorted ? (state.down ? " ↓" : " ↑") : ""), { type: "button", class: "sort" });
      button.addEventListener("click", () => go({ sort: name, down: sorted && !state.down, page: 0 }));
      cell.append(button);
      head.append(cell);
    }
    table.tHead.replaceChildren(head);
    const body = kept.slice(state.page * PAGE, (state.page + 1) * PAGE).map((n) => {
      const row = document.createElement("tr");
      for (const [name] of columns[state.what]) {
        const value = rows[name][n];
        const cell = make("td", "", typeof value === "number" ? { class: "num" } : {});
        const run = rows.run_id[n];
        if ((name === "goal" || name === "path") && run && document.body.dataset.pages !== undefined) {
          cell.append(make("a", value, { href: `runs/${encodeURIComponent(run)}.html` }));
        } else cell.textContent = value;
        row.append(cell);
      }
      return row;
    });
    table.tBodies[0].replaceChildren(...body);
    pages.querySelector("span").textContent = `page ${state.page + 1} of ${last + 1}`;
    pages.querySelector("[name=back]").disabled = state.page === 0;
    pages.querySelector("[name=next]").disabled = state.page === last;
  };

  const go = (change) => {
    state = { ...state, ...change };
    const kept = Object.entries(state).filter(([, value]) => value);
    history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
    draw();
  };

  const read = () => {
    const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    state = { what: "samples", text: "", sort: "", ...given, down: Boolean(given.down), page: Number(given.page) || 0 };
    if (!columns[state.what]) state.what = "samples";
    for (const field of form.elements) if (field.name) field.value = state[field.name] || (field.name === "what" ? state.what : "");
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => go({ [event.target.name]: event.target.value, page: 0 }));
  pages.querySelector("[name=back]").addEventListener("click", () => go({ page: state.page - 1 }));
  pages.querySelector("[name=next]").addEventListener("click", () => go({ page: state.page + 1 }));
  for (const button of document.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => {
      go({ what: "losses", reason: button.dataset.reason, stage: "", text: "", sort: "", page: 0 });
      read();
      document.getElementById("rows").scrollIntoView();
    });
  }
  window.addEventListener("hashchange", () => { read(); draw(); });
  read();
  draw();
})();
