/**
 * Pictures that move do so only where somebody sees them, and not at all where stillness is wanted; videos fetch their beginning when near.
 */
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
/** What was started or stopped by hand. @type {WeakMap<Element, boolean>} */
const chosen = new WeakMap();

/** @param {HTMLElement} image */
export const isMoving = (image) => image.classList.contains("moves");

/** @param {HTMLImageElement} image @param {boolean} on */
function set(image, on) {
  const source = (on ? image.dataset.moving : image.dataset.still) ?? "";
  image.classList.toggle("moves", on);
  image.closest(".cell")?.classList.toggle("moves", on);
  if (image.getAttribute("src") !== source) image.src = source;
}

/** Starts or stops one by hand. @param {HTMLImageElement} image @param {boolean} on */
export function toggleMoving(image, on) {
  chosen.set(image, on);
  set(image, on);
}

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const image = /** @type {HTMLImageElement} */ (target);
    if (!image.isConnected) seen.unobserve(image);
    else set(image, isIntersecting && !document.hidden && (chosen.get(image) ?? !stillness.matches));
  }
});

/** @param {Element | undefined} image */
export function watchMoving(image) {
  if (image) seen.observe(image);
}

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const video = /** @type {HTMLVideoElement} */ (target);
    if (!isIntersecting && video.isConnected) continue;
    near.unobserve(video);
    if (!video.isConnected || video.src) continue;
    video.preload = "metadata";
    video.src = `${video.dataset.source}#t=0.001`; // Safari draws nothing before it has gone somewhere
  }
}, { rootMargin: "300px" });

/** @param {Element | undefined} video */
export function watchVideo(video) {
  if (video) near.observe(video);
}

/** Looks again at all that moves. */
function again() {
  for (const image of /** @type {Iterable<HTMLImageElement>} */ (document.querySelectorAll("img[data-moving]"))) {
    seen.unobserve(image);
    seen.observe(image); // tells at once where it is
  }
}

stillness.addEventListener("change", again);
document.addEventListener("visibilitychange", again);
// One sounds at a time.
document.addEventListener("play", (event) => {
  for (const other of /** @type {Iterable<HTMLMediaElement>} */ (document.querySelectorAll("video"))) if (other !== event.target) other.pause();
  dispatchEvent(new CustomEvent("chatroom.sounds", { detail: event.target }));
}, { capture: true });
