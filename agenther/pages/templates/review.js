"use strict";
(() => {
  const TURN = ["yes", "no", "unsure"];
  const PAUSE = 800;
  let now = JSON.parse(document.getElementById("data").textContent);
  const find = (what) => document.querySelector(what);
  const note = find("#note");
  const covered = find(".covered");
  const byId = new URLSearchParams(location.search).has("id");
  const before = now.said.seconds || 0;
  let looked = 0;
  let since = document.hidden ? 0 : performance.now();
  let uncovered = false;
  let unsaved = {};
  let saving = Promise.resolve(true);
  let timer = 0;

  const seconds = () => Math.round((before + (looked + (since ? performance.now() - since : 0)) / 1000) * 10) / 10;
  const tell = (text) => { find("#status").textContent = text; };
  const alarm = (text) => {
    find(".alert").textContent = text;
    find(".alert").hidden = !text;
  };

  const draw = () => {
    for (const button of document.querySelectorAll("[data-field]")) {
      const value = { ...now.said, ...unsaved }[button.dataset.field];
      button.setAttribute("aria-pressed", String(value === button.dataset.value));
    }
    if (document.activeElement !== note && !("note" in unsaved)) note.value = now.said.note;
    find("progress").max = Math.max(1, now.rated + now.left);
    find("progress").value = now.rated;
    find("#progress").textContent = `${now.rated} rated, ${now.left} open`;
  };

  const ask = async (where, options = {}) => {
    let answer;
    try {
      answer = await fetch(where, options);
    } catch {
      throw new Error("not saved: nobody answers; is `agenther review` still running?");
    }
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 500));
    return answer.json();
  };

  // What is said is sent in its order, and stays unsaved until the server has it on disk.
  const save = () => {
    saving = saving.then(async () => {
      const sent = unsaved;
      if (!Object.keys(sent).length) return true;
      try {
        const body = JSON.stringify({ ...sent, seconds: Math.min(seconds(), 86400), uncovered, by_id: byId });
        now = await ask(`${now.n}/said`, { method: "POST", body, keepalive: true });
      } catch (error) {
        alarm(error.message);
        return false;
      }
      unsaved = Object.fromEntries(Object.entries(unsaved).filter(([name, value]) => sent[name] !== value));
      alarm("");
      tell("Saved");
      draw();
      return true;
    });
    return saving;
  };

  const say = (field, value) => {
    unsaved = { ...unsaved, [field]: value };
    draw();
    return save();
  };
  const turn = (field) => {
    const value = { ...now.said, ...unsaved }[field];
    return say(field, TURN[(TURN.indexOf(value) + 1) % TURN.length]);
  };
  const written = () => {
    clearTimeout(timer);
    if (note.value !== { ...now.said, ...unsaved }.note) unsaved = { ...unsaved, note: note.value };
    return save();
  };
  const go = async (where) => {
    if (await written()) location.assign(where);
  };

  const opened = (name) => {
    const dialog = document.getElementById(name);
    if (!dialog.open) dialog.showModal();
  };
  const acts = {
    next: () => go(`next?after=${now.n}`),
    back: () => (now.n > 1 ? go(String(now.n - 1)) : tell("This is the first")),
    undo: async () => {
      if (!(await written())) return;
      try {
        const { n, why } = await ask("undo", { method: "POST" });
        if (n) location.assign(String(n));
        else tell(why);
      } catch (error) {
        alarm(error.message);
      }
    },
    jump: () => opened("jump"),
    help: () => opened("help"),
    note: () => note.focus(),
    uncover: () => {
      covered.hidden = !covered.hidden;
      uncovered = true;
      document.body.classList.toggle("uncovered", !covered.hidden);
      find("[data-act=uncover]").setAttribute("aria-expanded", String(!covered.hidden));
      if (!covered.hidden) covered.scrollIntoView({ block: "start" });
    },
  };
  const answer = (field, value) => () => say(field, value);
  const keys = {
    ...(find("[data-field=better]")
      ? { a: answer("better", "first"), b: answer("better", "second"), n: answer("better", "neither") }
      : {
        v: answer("valid", "yes"), i: answer("valid", "no"), u: answer("valid", "unsure"),
        n: () => turn("natural"), w: () => turn("worth"),
      }),
    m: acts.note, j: acts.next, ArrowRight: acts.next, Enter: acts.next, k: acts.back, ArrowLeft: acts.back,
    z: acts.undo, g: acts.jump, h: acts.uncover, "?": acts.help,
  };

  find("#keys").checked = sessionStorage.getItem("keys") !== "off";
  find("#keys").addEventListener("change", (event) => {
    sessionStorage.setItem("keys", event.target.checked ? "on" : "off");
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key === "Escape" && target === note) note.blur();
    if (event.ctrlKey || event.altKey || event.metaKey || !find("#keys").checked) return;
    if (target.matches("input, textarea, select") || find("dialog[open]")) return;
    if (event.key === "Enter" && target.matches("button, a, summary")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.field) say(button.dataset.field, button.dataset.value);
    else if (button.dataset.act) acts[button.dataset.act]();
    else if ("close" in button.dataset) button.closest("dialog").close();
  });
  note.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(written, PAUSE);
  });
  note.addEventListener("blur", written);
  find("#jump form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const which = find("#which").value.trim();
    try {
      const { n, why } = await ask(`find?which=${encodeURIComponent(which)}`);
      if (n) await go(String(n) === which ? which : `${n}?id`);
      else find("#nowhere").textContent = why;
    } catch (error) {
      find("#nowhere").textContent = error.message;
    }
  });

  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) {
      looked += since ? performance.now() - since : 0;
      since = 0;
      written();
      return;
    }
    since = performance.now();
    try {
      now = await ask(`${now.n}/said`); // another tab may have said more
      draw();
    } catch (error) {
      alarm(error.message);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (Object.keys(unsaved).length) event.preventDefault();
  });
  if (matchMedia("(max-width: 60rem)").matches) find(".guide").open = false;
  draw();
})();
