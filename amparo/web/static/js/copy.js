/* Shows the copy buttons, which only work with JavaScript; without it the text is selected by hand. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    if (!(await copy(source))) return;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2500);
  });
}

/** True when it worked. The clipboard is missing on plain http, so the old way stands behind it. */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.value);
    return true;
  } catch {
    source.select();
    return document.execCommand("copy");
  }
}
