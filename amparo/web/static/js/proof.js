/**
 * Solves the proof of work that amparo/kit/proof_of_work.py sets: finds the counter whose derived key starts with the
 * prefix the challenge names. Each step waits for the browser's own cryptography, so the page stays awake meanwhile.
 */

const TOGETHER = 8;

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive(parameters, nonce, salt, counter) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: parameters.cost };
  return hex(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8));
}

/** The payload string for a challenge. Rejects where the browser has no crypto.subtle (a page not on https). */
export async function solve(challenge) {
  const { parameters } = challenge;
  const nonce = bytes(parameters.nonce);
  const salt = bytes(parameters.salt);
  for (let first = 0; ; first += TOGETHER) {
    const counters = Array.from({ length: TOGETHER }, (_, step) => first + step);
    const keys = await Promise.all(counters.map((counter) => derive(parameters, nonce, salt, counter)));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) {
      return btoa(JSON.stringify({ challenge, solution: { counter: counters[found], derivedKey: keys[found] } }));
    }
  }
}
