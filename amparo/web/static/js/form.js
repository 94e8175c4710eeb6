/*
 * Makes the forms kinder. Everything works without it.
 *
 * - A second click on a button that is already at work does nothing.
 * - Where a form names a challenge (data-challenge) and a solver (data-solver), the proof of work is begun when the person first
 *   touches the form, so that it is done when they are. Without a proof the server takes its slower path.
 * - A link in a mail may say, behind #me=, who it was written to (a form with data-known). That is taken out of the address at once, so
 *   that nobody passes it on with the page, and leaves the browser only when the form is sent.
 */
const PATIENCE = 10_000; // milliseconds that sending waits for a proof still being worked on

for (const form of document.querySelectorAll("form")) {
  const proof = form.dataset.challenge ? once(() => prove(form)) : null;
  if (proof) form.addEventListener("focusin", proof, { once: true });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const unproved = !proof || form.dataset.state === "proved" || button?.hasAttribute("data-unproved");
    if (form.dataset.state === "sent" || (form.dataset.state === "proving" && !unproved)) {
      event.preventDefault();
      return;
    }
    rest(form, button);
    form.dataset.state = unproved ? "sent" : "proving";
    if (unproved) return;
    event.preventDefault();
    // A form ignores a second submit while the first is still being announced: hence the step out of line.
    Promise.race([proof(), wait(PATIENCE)]).then(() => wait(0)).then(() => {
      if (form.dataset.state !== "proving") return; // another button has been pressed meanwhile
      form.dataset.state = "proved";
      form.requestSubmit(button);
    });
  });
}

for (const form of document.querySelectorAll("form[data-known]")) {
  const [, token] = /^#me=([a-z2-7]{48})$/i.exec(location.hash) ?? [];
  if (!token) continue;
  form.elements.me.value = token;
  form.hidden = false;
  history.replaceState(history.state, "", location.pathname + location.search);
  for (const jump of document.querySelectorAll('.jump a[href="#write"]')) jump.hash = form.id;
}

// Coming back with the Back button shows the page as it was left: at work. Wake it up.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("[aria-disabled]")) wake(button);
});

/** The same promise however often it is asked for. */
function once(work) {
  let promise;
  return () => (promise ??= work());
}

/** Fetches the challenge, solves it and leaves the answer in the form; a failure leaves the field as it was. */
async function prove(form) {
  try {
    const [answer, { solve }] = await Promise.all([
      fetch(form.dataset.challenge, { credentials: "omit", cache: "no-store" }),
      import(form.dataset.solver),
    ]);
    if (answer.ok) form.elements.proof.value = await solve(await answer.json());
  } catch {
    // The slower path remains.
  }
}

function rest(form, button) {
  if (!button || button.hasAttribute("aria-disabled")) return;
  button.dataset.label = button.textContent;
  button.setAttribute("aria-disabled", "true");
  if (form.dataset.busy) button.textContent = form.dataset.busy;
}

function wake(button) {
  button.removeAttribute("aria-disabled");
  button.textContent = button.dataset.label ?? button.textContent;
  delete button.form?.dataset.state;
}

function wait(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
