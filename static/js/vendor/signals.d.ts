export { signal, computed, effect, batch, untracked, Signal, type ReadonlySignal } from "@preact/signals-core";
