package dev.understudy.testing.duel;

import java.util.Arrays;
import java.util.Random;

/**
 * One request, what the server does with it, and what the client does meanwhile.
 *
 * @param framing of the request
 * @param pieces into which both bodies are cut when they are written
 * @param trailers whether bodies that can have them end with some
 * @param expect whether the client waits for "100 Continue"
 * @param pause bytes of the request's body that the server must have before the client goes on; 0:
 *     none
 * @param answer how the server answers
 * @param end how the client ends it
 * @param at of which byte of a body a break or an abort comes after
 */
record Turn(
    int number,
    String method,
    String version,
    boolean lastOfConnection,
    Framing framing,
    byte[] body,
    byte[] responseBody,
    int pieces,
    boolean trailers,
    boolean expect,
    int pause,
    Response response,
    End end,
    int at) {

  enum Framing {
    NONE,
    LENGTH,
    CHUNKED
  }

  enum Response {
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE,
    NO_CONTENT,
    NOT_MODIFIED,
    EARLY_HINTS,

    /** The connection ends without one. */
    NONE,
    EARLY,
    CUT,
    CUT_CHUNKED,
    RESET
  }

  enum End {
    NORMAL,
    GONE_WHILE_SENDING,
    GONE_WHILE_READING
  }

  /** Makes one up; only the last of a connection may end it. */
  static Turn random(Random random, int number, boolean last) {
    Framing framing = any(random, Framing.values());
    byte[] body = framing == Framing.NONE ? new byte[0] : bytes(random);
    Response response = any(random, Response.values());
    if (!last && response.ordinal() >= Response.CUT.ordinal()) {
      response = Response.LENGTH;
    }
    boolean breaks = response.ordinal() >= Response.CUT.ordinal();
    // What is broken before its first byte, or has none, would be another row of the table.
    byte[] responseBody = breaks ? Arrays.copyOf(bytes(random), 2000) : bytes(random);
    End end = last && response == Response.LENGTH ? any(random, End.values()) : End.NORMAL;
    boolean sends = body.length > 1;
    if (end == End.GONE_WHILE_SENDING && !sends) {
      end = End.NORMAL;
    }
    if (end == End.GONE_WHILE_READING) {
      responseBody = Arrays.copyOf(bytes(random), 2000);
    }
    boolean old = last && random.nextInt(4) == 0 && framing != Framing.CHUNKED;
    boolean whole = end != End.GONE_WHILE_SENDING && response != Response.EARLY;
    String method =
        framing == Framing.NONE
            ? any(random, breaks ? new String[] {"GET"} : new String[] {"GET", "HEAD", "OPTIONS"})
            : any(random, new String[] {"POST", "PUT", "PATCH"});
    return new Turn(
        number,
        method,
        old ? "HTTP/1.0" : "HTTP/1.1",
        last && random.nextBoolean(),
        framing,
        body,
        responseBody,
        1 + random.nextInt(6),
        random.nextInt(3) == 0,
        whole && !old && sends && random.nextInt(5) == 0,
        whole && sends && random.nextInt(4) == 0 ? random.nextInt(body.length) : 0,
        response,
        end,
        1 + random.nextInt(end == End.GONE_WHILE_SENDING ? body.length - 1 : 1000));
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  /** Mostly small, at times up to 200 KB. */
  private static byte[] bytes(Random random) {
    int[] bounds = {1, 2, 100, 5000, 70_000, 200_000};
    byte[] bytes = new byte[random.nextInt(bounds[random.nextInt(bounds.length)])];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Where the pieces of a body end. */
  int[] cuts(int length) {
    Random random = new Random(length * 31L + pieces);
    int[] cuts = random.ints(pieces, 0, length + 1).sorted().toArray();
    cuts[pieces - 1] = length;
    return cuts;
  }

  @Override
  public String toString() {
    return "%d: %s %s %s %d bytes in %d pieces%s%s pause %d%s; answer %s %d bytes; %s at %d"
        .formatted(
            number,
            method,
            version,
            framing,
            body.length,
            pieces,
            trailers ? " with trailers" : "",
            expect ? ", expects," : "",
            pause,
            lastOfConnection ? ", closes" : "",
            response,
            responseBody.length,
            end,
            at);
  }
}
