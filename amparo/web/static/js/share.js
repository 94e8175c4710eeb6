/*
 * Where the device has a menu of its own for passing something on, a button opens it. Every way stands on the page without it.
 */
for (const offer of document.querySelectorAll("[data-share-url]")) {
  const { shareTitle: title, shareText: text, shareUrl: url } = offer.dataset;
  if (!navigator.share || !navigator.canShare?.({ title, text, url })) continue;
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    navigator.share({ title, text, url }).catch((refusal) => {
      if (refusal.name !== "AbortError") offer.hidden = true; // the menu was closed again, or cannot be had
    });
  });
}
