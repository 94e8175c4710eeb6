// While a mailing goes out, looks again every two seconds and shows how far it is.

const EVERY = 2000;

async function lookAgain() {
  const shown = document.getElementById("mailing-now");
  if (!shown || shown.dataset.working !== "yes") return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("mailing-now");
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
  } catch {
    // The server is away for a moment; the next look will tell.
  }
  setTimeout(lookAgain, EVERY);
}

setTimeout(lookAgain, EVERY);
