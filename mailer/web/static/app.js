// Small comforts on top of pages that work without any script.
"use strict";

// A form is sent once. The server is safe against a second click; this spares people the wait.
const sent = "sent";
const release = (form) => {
  delete form.dataset[sent];
  for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset[sent]) {
    event.preventDefault();
    return;
  }
  // htmx has already taken its own forms over; a GET form may be sent as often as one likes.
  if (event.defaultPrevented || form.method !== "post") return;
  form.dataset[sent] = "yes";
  // Not "disabled": that would drop the pressed button's name and value from what is sent.
  for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  // A form that answers with a download leaves the page standing, so it opens again by itself.
  window.setTimeout(release, 8000, form);
});

// A page that comes back by the back button comes back usable.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

// Counters: <span data-counter-for="id of a field" data-unit="characters|bytes" data-limit="n">.
const encoder = new TextEncoder();
const amount = (text, unit) => (unit === "bytes" ? encoder.encode(text).length : [...text].length);
const wording = (n, unit) =>
  unit === "bytes" ? `${(n / 1024).toFixed(1)} KB` : `${n.toLocaleString("en")} characters`;

const count = (counter) => {
  const field = document.getElementById(counter.dataset.counterFor);
  if (!field) return;
  const unit = counter.dataset.unit;
  const limit = Number(counter.dataset.limit || 0);
  const n = amount(field.value, unit);
  counter.textContent = limit ? `${wording(n, unit)} of ${wording(limit, unit)}` : wording(n, unit);
  counter.toggleAttribute("data-over", limit > 0 && n > limit);
};

// Text areas grow with what is written where the browser does not do so by itself.
const growsByItself = CSS.supports("field-sizing", "content");
const grow = (area) => {
  if (growsByItself || area.tagName !== "TEXTAREA") return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
};

document.addEventListener("input", (event) => {
  grow(event.target);
  for (const counter of document.querySelectorAll("[data-counter-for]")) {
    if (counter.dataset.counterFor === event.target.id) count(counter);
  }
});

// Copy buttons: <button data-copy="id of an element" hidden>; shown only where copying works.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText("value" in source ? source.value : source.textContent);
  const label = button.querySelector("[data-copy-label]") || button;
  const before = label.textContent;
  if (before === "Copied") return;
  label.textContent = "Copied";
  window.setTimeout(() => { label.textContent = before; }, 2000);
});

// Menus close by Escape and by a click elsewhere, as menus do.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});

// What was unfolded stays so when its part of the page is shown anew, and keeps the focus.
let unfolded = new Set();
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  unfolded = new Set([...part.querySelectorAll("details[data-key][open]")].map((one) => one.dataset.key));
  focused = part.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
});
document.addEventListener("htmx:afterSwap", () => {
  for (const one of document.querySelectorAll("details[data-key]")) if (unfolded.has(one.dataset.key)) one.open = true;
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"] > summary`)?.focus();
});

const prepare = (root) => {
  for (const area of root.querySelectorAll("textarea")) grow(area);
  for (const counter of root.querySelectorAll("[data-counter-for]")) count(counter);
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
};
document.addEventListener("DOMContentLoaded", () => prepare(document));
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
