// Boxes drawn on the pages of a document become lines of the form, and lines become boxes: the form is what counts.
const LINE = /^\s*(\d+)\s*:\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*$/;
// Smaller than this in hundredths of the page is a press of the mouse, not a box.
const SMALLEST = 0.4;
const form = document.querySelector("[data-boxes]");

function boxes() {
  return form.value.split("\n").map((line) => LINE.exec(line)).filter(Boolean).map((found) => found.slice(1).map(Number));
}

function write(all) {
  form.value = all.map(([page, ...rest]) => `${page}: ${rest.map((number) => Number(number.toFixed(2))).join(" ")}`).join("\n");
  show();
}

function place(element, [left, top, width, height]) {
  element.style.left = `${left}%`;
  element.style.top = `${top}%`;
  element.style.width = `${width}%`;
  element.style.height = `${height}%`;
}

function show() {
  for (const old of document.querySelectorAll(".redact-box")) old.remove();
  boxes().forEach(([page, ...rest], index) => {
    const sheet = document.querySelector(`[data-page="${page}"] .redact-sheet`);
    if (!sheet) return;
    const box = document.createElement("div");
    box.className = "redact-box";
    place(box, rest);
    box.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      write(boxes().filter((_box, at) => at !== index));
    });
    sheet.append(box);
  });
}

function point(sheet, event) {
  const frame = sheet.getBoundingClientRect();
  const within = (part) => Math.min(100, Math.max(0, part * 100));
  return [within((event.clientX - frame.left) / frame.width), within((event.clientY - frame.top) / frame.height)];
}

function between([fromX, fromY], [toX, toY]) {
  return [Math.min(fromX, toX), Math.min(fromY, toY), Math.abs(toX - fromX), Math.abs(toY - fromY)];
}

function listen(sheet, page) {
  sheet.classList.add("is-ready");
  sheet.addEventListener("pointerdown", (event) => {
    const start = point(sheet, event);
    const drawn = document.createElement("div");
    drawn.className = "redact-box";
    sheet.append(drawn);
    sheet.setPointerCapture(event.pointerId);
    const move = (moved) => place(drawn, between(start, point(sheet, moved)));
    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("pointerup", (ended) => {
      sheet.removeEventListener("pointermove", move);
      const box = between(start, point(sheet, ended));
      const large = box[2] > SMALLEST && box[3] > SMALLEST;
      write(large ? [...boxes(), [page, ...box]] : boxes());
    }, { once: true });
  });
}

if (form) {
  for (const figure of document.querySelectorAll("[data-page]")) {
    listen(figure.querySelector(".redact-sheet"), Number(figure.dataset.page));
  }
  for (const hint of document.querySelectorAll("[data-with-script]")) hint.hidden = false;
  form.addEventListener("input", show);
  show();
}
