// @ts-check
/* An announcement of the site is put away: kept on this device, for this text and this person. */

const YEAR = 31_536_000;

addEventListener("click", (event) => {
  const place = /** @type {HTMLElement | null | undefined} */ (/** @type {Element} */ (event.target).closest?.("[data-put-away]")?.closest(".announcement"));
  if (!place) return;
  document.cookie = `announcement=${place.dataset.key}; path=/; max-age=${YEAR}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  place.remove();
});
