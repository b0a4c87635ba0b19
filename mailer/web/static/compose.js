// Comforts for whoever writes: insert, save by key, preview while writing. All of it works without.
"use strict";

const form = document.querySelector("form[data-compose]");

// A time zone that nobody has chosen yet is the browser's own.
for (const select of document.querySelectorAll("select[data-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === own)) select.value = own;
}

const insert = (area, text) => {
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

// Lists belong to one sender: those of the others would be refused, so they are put away.
const offerLists = (select) => {
  for (const choice of form.querySelectorAll("[data-sender]")) {
    const box = choice.querySelector("input");
    choice.hidden = select.value !== "" && choice.dataset.sender !== select.value;
    if (choice.hidden) box.checked = false;
  }
};

const write = () => {
  const previewButton = form.querySelector("[data-preview]");
  const previewSide = document.getElementById("side-preview");
  const saveButton = form.querySelector("[data-save]");
  const hasRoom = window.matchMedia("(min-width: 70rem)");
  let unsaved = Boolean(document.querySelector(".notice-bad"));
  let timer = 0;

  const preview = () => form.requestSubmit(previewButton);

  document.addEventListener("input", (event) => {
    if (event.target.form !== form || event.target.matches("[data-refresh]")) return;
    unsaved = true;
    window.clearTimeout(timer);
    if (previewSide.checked) timer = window.setTimeout(preview, 1200);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-refresh], #side-preview")) preview();
    if (event.target.matches("[data-chooses-lists]")) offerLists(event.target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    insert(form.elements.body, document.getElementById(button.dataset.insert).textContent);
  });

  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    if (event.submitter !== previewButton) {
      unsaved = false;
      return;
    }
    previewSide.checked = true;
    // A fresh frame: navigating the old one would put each preview into the browser's history.
    const frame = document.querySelector("iframe[name=preview]");
    const fresh = frame.cloneNode();
    fresh.removeAttribute("src");
    frame.replaceWith(fresh);
    // The page stays, so the form must stay usable.
    delete form.dataset.sent;
    for (const one of form.querySelectorAll("[type=submit]")) one.removeAttribute("aria-disabled");
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    form.requestSubmit(saveButton);
  });

  // On a narrow screen the verdict stands far below the button that asked for it.
  document.addEventListener("htmx:afterSettle", (event) => {
    const isAsked = event.detail.requestConfig?.elt.matches("[data-check]");
    if (isAsked && event.target.id === "gate-live" && !hasRoom.matches) event.target.scrollIntoView();
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });

  for (const button of form.querySelectorAll("[data-insert]")) button.hidden = false;
  const sender = form.querySelector("[data-chooses-lists]");
  if (sender) offerLists(sender);
};

if (form) write();
