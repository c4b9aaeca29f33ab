/** The sound of a new message: two soft notes, made here. Browsers let a page sound only after a click or a key. */

const PAUSE_MS = 2000;
const NOTES = [[0, 659.26], [0.11, 987.77]];
const LOUD = 0.14;
const LENGTH = 0.55;

/** @type {AudioContext | null} */
let context = null;
let planned = false;
let last = -Infinity;

/** May this page sound? */
export const unlocked = () => "AudioContext" in window && (context !== null || !!navigator.userActivation?.hasBeenActive);

/** Called in a click or a key: from then on the page may sound. The click does not wait for it (30 ms); Safari hands it on to a timer. */
export function unlock() {
  if (planned || !("AudioContext" in window)) return;
  planned = true;
  setTimeout(() => {
    if (context) return; // it sounds already
    const audio = context = new AudioContext();
    audio.resume().then(() => audio.suspend(), () => {}); // refused: the next sound asks again
  }, 300);
}

/** Plays it, at most once in two seconds. @param {() => number} now */
export async function play(now = () => performance.now()) {
  if (!unlocked() || now() - last < PAUSE_MS) return;
  last = now();
  const audio = context ??= new AudioContext();
  await audio.resume();
  const begin = audio.currentTime + 0.02;
  const ends = NOTES.map(([after, pitch]) => note(audio, begin + after, pitch));
  await ends.at(-1);
  if (now() - last >= LENGTH * 1000) await audio.suspend();
}

/** One note; done when it has faded. @param {AudioContext} audio @param {number} at @param {number} pitch @returns {Promise<void>} */
function note(audio, at, pitch) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(LOUD, at + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + LENGTH);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + LENGTH);
  return new Promise((resolve) => { tone.onended = () => resolve(); });
}
