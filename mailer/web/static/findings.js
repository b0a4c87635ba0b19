// What the gate thinks, beside the text, while it is written. Without it the Check button does the same.
"use strict";

const desk = document.querySelector("form[data-findings]");

const ask = () => {
  const pending = document.getElementById("pending");
  const said = document.getElementById("gate-said");
  const pause = 400; // milliseconds without a key, before the gate is asked
  let timer = 0;
  let asked = null;

  const live = () => document.getElementById("gate-live");

  const opened = () => [...live().querySelectorAll("details[data-key][open]")].map((one) => one.dataset.key);

  // The new verdict takes the old one's place: what was unfolded stays so, and focus stays where it was.
  const show = (html) => {
    const keys = new Set(opened());
    const focused = live().contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("gate-live");
    if (!fresh) return;
    for (const one of fresh.querySelectorAll("details[data-key]")) one.open = keys.has(one.dataset.key);
    live().replaceWith(fresh);
    if (focused) fresh.querySelector(`[data-key="${CSS.escape(focused)}"] > summary`)?.focus();
    tell();
  };

  // Spoken only when it changes, and only in a few words.
  const tell = () => {
    const summary = document.getElementById("gate-summary");
    if (summary && said.textContent !== summary.textContent) said.textContent = summary.textContent;
  };

  const look = async () => {
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    pending.hidden = false;
    try {
      const answer = await fetch(desk.dataset.findings, {
        method: "POST", body: new FormData(desk), signal: mine.signal, headers: { Accept: "text/html" },
      });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch {
      // Outdated, or the server is away: the last verdict stays, and the next key asks again.
    }
    if (asked === mine) pending.hidden = true;
  };

  const later = (event) => {
    if (event.target.form !== desk || event.target.matches("[data-refresh]")) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(look, pause);
  };
  document.addEventListener("input", later);
  document.addEventListener("change", later);

  // Check asks about real readers as well; what is under way is outdated by it.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-check]")) return;
    window.clearTimeout(timer);
    asked?.abort();
    document.getElementById("side-findings").checked = true;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "gate-live") tell();
    if (event.target.closest?.("[data-findings]")) look();
  });
};

// A place leads to its words, even when others were typed before them in the meantime.
const select = (field, start, end, words) => {
  if (words && field.value.slice(start, end) !== words) {
    const elsewhere = field.value.indexOf(words);
    if (elsewhere < 0) return;
    [start, end] = [elsewhere, elsewhere + words.length];
  }
  field.setSelectionRange(start, end);
  if (field.tagName !== "TEXTAREA") return;
  // Browsers scroll a text area to the caret only when something is typed.
  const lines = field.value.slice(0, start).split("\n").length - 1;
  const height = Number.parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, (lines - 3) * height);
};

// A finding that a button of the composer mends has that button with it.
const grant = (event) => {
  const wish = event.target.closest("[data-wish]");
  const real = wish && document.querySelector(`.row > [name="do"][value="${wish.value}"]`);
  if (!real) return;
  event.preventDefault();
  real.click();
};

const go = (event) => {
  const link = event.target.closest("[data-place]");
  const field = link && document.getElementById(link.dataset.place);
  if (!field || field.type === "hidden") return;
  event.preventDefault();
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  field.focus();
  if (link.dataset.start !== undefined) select(field, Number(link.dataset.start), Number(link.dataset.end), link.dataset.words);
  field.scrollIntoView({ block: "nearest" });
};

if (desk) {
  ask();
  document.addEventListener("click", go);
  document.addEventListener("click", grant);
}
