// Makes the builder of segments smoother: counts while somebody chooses, and changes the tree without a new page.
// Everything here also works without it, by posting the form.

const form = document.getElementById("segment-form");
/** Milliseconds without a change before the question is asked again. */
const PAUSE = 400;
/** From so many choices on, a list gets a field to find one. */
const MANY = 12;
let asking = null;
let waiting = 0;

async function post(url, data) {
  asking?.abort();
  asking = new AbortController();
  const response = await fetch(url, { method: "POST", body: data, signal: asking.signal });
  if (!response.ok || response.redirected) {
    throw new Error(String(response.status));
  }
  return response.text();
}

async function count() {
  form.classList.add("is-asking");
  try {
    const answer = await post(form.dataset.countUrl, new FormData(form));
    document.getElementById("segment-answer").innerHTML = answer;
  } catch (error) {
    if (error.name === "AbortError") {
      return;
    }
  }
  form.classList.remove("is-asking");
}

async function change(button) {
  const data = new FormData(form);
  data.set("do", button.value);
  const before = form.querySelectorAll(".segment-condition").length;
  const page = new DOMParser().parseFromString(await post(window.location.href, data), "text/html");
  for (const id of ["segment-build", "segment-answer"]) {
    document.getElementById(id).innerHTML = page.getElementById(id).innerHTML;
  }
  prepareLists();
  const [verb, number] = button.value.split(":");
  const conditions = [...form.querySelectorAll(".segment-condition")];
  if (verb === "add" && conditions.length > before) {
    const group = form.querySelector(`[name="n${number}_join"]`)?.closest(".segment-group");
    const own = [...(group?.querySelectorAll(":scope > .segment-parts > li > .segment-condition") ?? [])];
    own.at(-1)?.querySelector(".segment-fields input, .segment-fields select")?.focus();
  } else {
    form.querySelector('[name="n0_add"]')?.focus();
  }
}

function prepareLists() {
  for (const list of form.querySelectorAll(".segment-choices")) {
    const choices = [...list.querySelectorAll(".segment-choice")];
    if (choices.length < MANY) {
      continue;
    }
    const find = document.createElement("input");
    find.type = "text";
    find.className = "segment-find";
    find.placeholder = list.dataset.find;
    find.setAttribute("aria-label", list.dataset.find);
    find.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = find.value.trim().toLocaleLowerCase();
      for (const choice of choices) {
        const chosen = choice.querySelector("input").checked;
        choice.hidden = !chosen && !choice.textContent.toLocaleLowerCase().includes(wanted);
      }
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
      }
    });
    list.before(find);
  }
}

form.addEventListener("input", (event) => {
  if (event.target.name === "name" || event.target.name?.endsWith("_add")) {
    return;
  }
  clearTimeout(waiting);
  waiting = setTimeout(count, PAUSE);
});

form.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="do"]');
  if (!button || !/^(add|group|remove):/.test(button.value)) {
    return;
  }
  event.preventDefault();
  clearTimeout(waiting);
  change(button).catch((error) => {
    if (error.name !== "AbortError") {
      form.requestSubmit(button);
    }
  });
});

prepareLists();
