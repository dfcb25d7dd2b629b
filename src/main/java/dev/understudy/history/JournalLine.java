package dev.understudy.history;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One line of the journal, itself JSON:
 *
 * <pre>{"crc32c":"0a1b2c3d","history":"1763749200000","event":{…}}</pre>
 *
 * <p>The checksum (CRC-32C, RFC 3720 appendix B.4, eight hexadecimal digits) covers every byte
 * after the comma that follows it, up to the end of the line without its LF.
 *
 * @param history the name of the history that the event's id belongs to
 */
record JournalLine(String history, StoredEvent event) {
  /** More than the longest document has in UTF-8. */
  static final int MAX_BYTES = 4 * EventDocument.MAX_CHARS;

  private static final String HEAD = "{\"crc32c\":\"";
  private static final String AFTER_CHECKSUM = "\",";
  private static final String HISTORY = "\"history\":\"";
  private static final String EVENT = "\",\"event\":";

  /** Where the covered bytes begin. */
  private static final int COVERED = HEAD.length() + 8 + AFTER_CHECKSUM.length();

  /** The line with its LF. */
  byte[] bytes() {
    String covered = HISTORY + history + EVENT + event.json() + "}";
    byte[] bytes = covered.getBytes(StandardCharsets.UTF_8);
    return (head(bytes, 0, bytes.length) + covered + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the line between two offsets, without its LF.
   *
   * @return null if it is damaged
   */
  static @Nullable JournalLine parse(byte[] bytes, int from, int to) {
    if (to - from <= COVERED || !isIntact(bytes, from, to)) {
      return null;
    }
    String covered = new String(bytes, from + COVERED, to - from - COVERED, StandardCharsets.UTF_8);
    int event = covered.indexOf(EVENT);
    if (!covered.startsWith(HISTORY) || event < 0 || !covered.endsWith("}")) {
      return null;
    }
    StoredEvent stored =
        EventDocument.parse(covered.substring(event + EVENT.length(), covered.length() - 1));
    return stored == null
        ? null
        : new JournalLine(covered.substring(HISTORY.length(), event), stored);
  }

  private static boolean isIntact(byte[] bytes, int from, int to) {
    return new String(bytes, from, COVERED, StandardCharsets.US_ASCII)
        .equals(head(bytes, from + COVERED, to));
  }

  /** What stands before the covered bytes. */
  private static String head(byte[] bytes, int from, int to) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, to - from);
    return HEAD + HexFormat.of().toHexDigits((int) checksum.getValue()) + AFTER_CHECKSUM;
  }
}
