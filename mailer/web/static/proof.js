// Solves the puzzle of a sign-up form: which number makes this hash? Plain SHA-256 (FIPS 180-4),
// since the browser's own is missing on pages without https. Works in slices, so that the page lives.
"use strict";

const SLICE_MS = 20;
const SLOWEST_PRESS_MS = 2100; // a form that comes back sooner is taken for a machine's
const opened = performance.now();

const K = new Uint32Array(64);
const H = new Uint32Array(8);
const prime = (n) => { for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false; return true; };
const fraction = (x) => Math.floor((x - Math.floor(x)) * 4294967296);
for (let n = 2, i = 0; i < 64; n += 1) {
  if (!prime(n)) continue;
  if (i < 8) H[i] = fraction(Math.sqrt(n));
  K[i] = fraction(Math.cbrt(n));
  i += 1;
}

const W = new Uint32Array(64);
const rotated = (x, n) => (x >>> n) | (x << (32 - n));
const hashed = (text) => {
  const length = text.length;
  const words = new Uint32Array((((length + 8) >> 6) + 1) << 4);
  for (let i = 0; i < length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8);
  words[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
  words[words.length - 1] = length * 8;
  const state = Uint32Array.from(H);
  for (let block = 0; block < words.length; block += 16) {
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) W[i] = words[block + i];
      else {
        const a = W[i - 15], b = W[i - 2];
        W[i] = W[i - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3)) + W[i - 7] + (rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10));
      }
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
  }
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
};

const solve = (form) => {
  const puzzle = JSON.parse(form.dataset.puzzle);
  const state = form.querySelector("[data-puzzle-state]");
  let waiting = null;
  let failed = false;
  let number = 0;
  state.textContent = "Solving the puzzle…";
  form.addEventListener("submit", (event) => {
    if (form.elements.altcha.value || failed) return;
    event.preventDefault();
    event.stopPropagation();
    waiting = event.submitter;
    state.textContent = "One moment: the puzzle is being solved, then the form is sent.";
  }, true);
  const finish = () => {
    const proof = { algorithm: puzzle.algorithm, challenge: puzzle.challenge, number, salt: puzzle.salt, signature: puzzle.signature };
    form.elements.altcha.value = btoa(JSON.stringify(proof));
    state.textContent = "Solved. Press the button.";
    if (waiting) form.requestSubmit(waiting);
  };
  const work = () => {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until && number <= puzzle.maxnumber) {
      for (let i = 0; i < 50; i += 1, number += 1) {
        if (hashed(puzzle.salt + number) !== puzzle.challenge) continue;
        window.setTimeout(finish, Math.max(0, SLOWEST_PRESS_MS - (performance.now() - opened)));
        return;
      }
    }
    if (number <= puzzle.maxnumber) window.setTimeout(work);
    else {
      failed = true;
      state.textContent = "The puzzle could not be solved. Wait a minute, then press the button.";
    }
  };
  work();
};

for (const form of document.querySelectorAll("form[data-puzzle]")) solve(form);
