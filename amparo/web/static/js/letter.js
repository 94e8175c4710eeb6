/*
 * While a letter is written: how many characters are left, and how much of it is the person's own.
 *
 * A word is somebody's own unless it lies in a run of four words that also stands in our draft. The server counts alike.
 */
const RUN = 4;

for (const note of document.querySelectorAll("[data-counter]")) {
  const text = document.getElementById(note.dataset.counter);
  const most = Number(text?.dataset.longest);
  if (!most) continue;
  const show = () => {
    const left = most - Array.from(text.value).length;
    note.hidden = left > most / 4; // of interest only when it gets tight
    note.textContent = note.dataset.text.replace("{left}", left.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" }));
  };
  text.addEventListener("input", show);
  show();
}

for (const note of document.querySelectorAll("[data-own-words]")) {
  const text = document.getElementById(note.dataset.ownWords);
  if (!text) continue;
  const runs = runsOf(wordsOf(note.dataset.draft));
  let timer;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      note.textContent = note.dataset.text.replace("{percent}", ownShare(wordsOf(text.value), runs));
    }, 300);
  });
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function runsOf(words) {
  const runs = new Set();
  for (let at = 0; at + RUN <= words.length; at++) runs.add(words.slice(at, at + RUN).join(" "));
  return runs;
}

/** Per cent of words that no run of the draft covers; 0 for an empty letter. */
function ownShare(words, runs) {
  const covered = new Set();
  for (let at = 0; at + RUN <= words.length; at++) {
    if (!runs.has(words.slice(at, at + RUN).join(" "))) continue;
    for (let word = at; word < at + RUN; word++) covered.add(word);
  }
  return words.length ? Math.round((100 * (words.length - covered.size)) / words.length) : 0;
}
