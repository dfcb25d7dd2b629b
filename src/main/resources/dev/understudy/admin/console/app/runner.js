// Sends commands, a few at a time, and tells the result of each.

import { Failure, write } from "./api.js";
import { bodyOf } from "./commands.js";

const AT_ONCE = 4;

/**
 * Sends commands in order until `stopped()`.
 *
 * @param jobs `[{key, command}]`
 * @param onResult called with the key and `{ok, known, text, status, forceable}` as each response comes; `known` is false if the
 *     command may have been carried out nevertheless
 */
export async function run(jobs, { reason, force, token, stopped }, onResult) {
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined && !stopped(); job = queue.shift()) {
      onResult(job.key, await one(job.command, reason, force, token));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, jobs.length) }, worker));
}

async function one(command, reason, force, token) {
  try {
    const { changed, phase, inMemoryOnly } = await write(command, bodyOf(command, reason, force), token);
    return { ok: true, text: (changed === false ? "nothing to change" : phase ?? "done") + (inMemoryOnly ? `, in memory only: ${inMemoryOnly}` : ""), status: 200, known: true, forceable: false };
  } catch (error) {
    const status = error instanceof Failure ? error.status : -1;
    if (status === 0) {
      return { ok: false, known: false, text: "No response. The command may have been carried out: look at the pool before you try again.", status, forceable: false };
    }
    return { ok: false, known: status !== 504, text: error.message, status, forceable: status === 409 && command.forceable && !force };
  }
}
