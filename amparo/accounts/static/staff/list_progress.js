// While a list is worked on, looks again every second and shows what changed; without this the page reloads itself.

const EVERY = 1000;

async function lookAgain() {
  const shown = document.getElementById("list-now");
  if (!shown || shown.dataset.working !== "yes") return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("list-now");
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
  } catch {
    // The server is away for a moment; the next look will tell.
  }
  setTimeout(lookAgain, EVERY);
}

setTimeout(lookAgain, EVERY);
