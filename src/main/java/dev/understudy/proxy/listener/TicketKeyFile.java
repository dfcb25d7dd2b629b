package dev.understudy.proxy.listener;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.Sha256;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Reads keys of session tickets from a file as HAProxy's {@code tls-ticket-keys} (HAProxy 3.2,
 * {@code src/ssl_sock.c}): a key in base64 on each line, all of 48 bytes or all of 80.
 *
 * <p>A key's first 16 bytes are its name. Tickets are encrypted with AES-128 and signed with
 * HMAC-SHA-256, both with keys of 128 bits, which are the rest of 48 bytes. Those of 80 bytes,
 * which are meant for AES-256, are the two halves of SHA-256 over all of it.
 */
final class TicketKeyFile {
  /** How many of a file's keys count. */
  static final int COUNT = 3;

  private static final int SHORT = 48;
  private static final int LONG = 80;
  private static final int NAME = 16;
  private static final int MAX_BYTES = 64 * 1024;

  private TicketKeyFile() {}

  /** Says what is wrong with a file, without what is in it. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }

    /** The file cannot be read. */
    UnusableException(Path file, IOException why) {
      super("the file " + file + " cannot be read: " + BoundedFile.reason(why));
    }
  }

  /** Reads the keys of a file, in the order of its lines. */
  static List<byte[]> read(Path file) throws UnusableException {
    byte[] content;
    try {
      content = BoundedFile.read(file, MAX_BYTES);
    } catch (IOException e) {
      throw new UnusableException(file, e);
    }
    if (content.length > MAX_BYTES) {
      throw new UnusableException(
          "expected at most %d bytes in the file %s, found more".formatted(MAX_BYTES, file));
    }
    List<byte[]> keys = new ArrayList<>();
    int number = 0;
    for (String line : new String(content, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      number++;
      if (!line.isBlank()) {
        byte[] key = key(file, number, line.strip());
        if (!keys.isEmpty() && keys.get(0).length != key.length) {
          throw new UnusableException(
              "line %d of %s: expected %d bytes, as in the first key, found %d"
                  .formatted(number, file, keys.get(0).length, key.length));
        }
        keys.add(key);
      }
    }
    if (keys.size() < COUNT) {
      throw new UnusableException(
          "expected at least %d keys in %s, each on a line of its own, found %d"
              .formatted(COUNT, file, keys.size()));
    }
    return keys;
  }

  @SuppressWarnings("UnusedException") // its message quotes the line
  private static byte[] key(Path file, int number, String line) throws UnusableException {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(line);
    } catch (IllegalArgumentException e) {
      throw new UnusableException(
          "line %d of %s: expected %d or %d bytes in base64, found no base64"
              .formatted(number, file, SHORT, LONG));
    }
    if (key.length != SHORT && key.length != LONG) {
      throw new UnusableException(
          "line %d of %s: expected %d or %d bytes in base64, found %d"
              .formatted(number, file, SHORT, LONG, key.length));
    }
    return key;
  }

  /** The keys that count, the one that encrypts first: the last but one of the file. */
  static OpenSslSessionTicketKey[] inForce(List<byte[]> keys) {
    List<byte[]> last = keys.subList(keys.size() - COUNT, keys.size());
    return new OpenSslSessionTicketKey[] {key(last.get(1)), key(last.get(2)), key(last.get(0))};
  }

  private static OpenSslSessionTicketKey key(byte[] key) {
    byte[] secrets = key.length == SHORT ? Arrays.copyOfRange(key, NAME, SHORT) : Sha256.of(key);
    return new OpenSslSessionTicketKey(
        Arrays.copyOf(key, NAME),
        Arrays.copyOf(secrets, NAME),
        Arrays.copyOfRange(secrets, NAME, 2 * NAME));
  }
}
