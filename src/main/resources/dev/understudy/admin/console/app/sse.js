// Server-sent events from text (WHATWG HTML, 9.2.6). Pure.

/** A message longer than this ends the stream: 200 pools are about 300,000 characters. */
const MOST_CHARACTERS = 32_000_000;

/** Parses the text of a stream as it comes, in pieces of any length. */
export class EventParser {
  #rest = "";
  #event = fresh();
  #lastId = "";

  /** The id of the newest message; empty before the first. */
  get lastId() {
    return this.#lastId;
  }

  /** Takes a piece, and returns the messages that it completed, as `{event, data, id}`. */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    if (this.#rest.length > MOST_CHARACTERS) throw new Error("a message of the stream is too long");
    const messages = [];
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else if (this.#event.data.length > 0) messages.push(this.#dispatch());
      else this.#event = fresh();
    }
    return messages;
  }

  #field(line) {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#event.data.push(value);
    else if (name === "event") this.#event.name = value;
    else if (name === "id") this.#lastId = value;
  }

  #dispatch() {
    const { name, data } = this.#event;
    this.#event = fresh();
    return { event: name || "message", data: data.join("\n"), id: this.#lastId };
  }
}

function fresh() {
  return { name: "", data: [] };
}
